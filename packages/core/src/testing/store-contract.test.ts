import { describe, expect, test } from 'vitest'
import { sessionError } from '../errors.ts'
import type { PutResult, SessionStore, StoredRecord } from '../record/store.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { announcingStore } from './announcing-store.ts'
import { storeContract } from './store-contract.ts'

/** What the contract says about a store: the messages of the tests that fail. */
async function complaints(makeStore: () => SessionStore): Promise<string> {
  const tests: (() => Promise<void>)[] = []
  storeContract({ describe: (_, body) => body(), test: (_, body) => tests.push(body) }, makeStore)
  const results = await Promise.allSettled(tests.map(async (body) => body()))
  return results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : [])).join('\n')
}

function broken(breaking: (store: SessionStore) => Partial<SessionStore>): () => SessionStore {
  return () => {
    const store = memoryStore()
    return { ...store, ...breaking(store) }
  }
}

const slowly = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1))

describe('storeContract says in words what is wrong with a store that', () => {
  const cases: [string, (store: SessionStore) => Partial<SessionStore>, string][] = [
    [
      'rejects for what is missing',
      (store) => ({ get: async (key) => (await store.get(key)) ?? Promise.reject(new Error('not found')) }),
      'not found',
    ],
    [
      'compares and sets in two steps',
      (store) => ({
        async put(key, record, options): Promise<PutResult> {
          const current = await store.get(key)
          await slowly()
          if ((current?.version ?? null) !== options.expected) return { stored: false, current }
          await store.delete(key)
          return store.put(key, record, { expected: null })
        },
      }),
      'of puts at once with the same expected version exactly one is stored. Seen: "20 of 20 stored"',
    ],
    [
      'refuses the same put the second time',
      (store) => ({
        async put(key, record, options) {
          const current = await store.get(key)
          return current?.version === record.version ? { stored: false, current } : store.put(key, record, options)
        },
      }),
      'a put whose very version is there already is stored',
    ],
    [
      'has no current in its refusal',
      (store) => ({ put: async (...put) => ({ ...(await store.put(...put)), current: null }) }),
      'answers with what is there as current',
    ],
    [
      'touches ended records',
      (store) => ({ touch: async (key, at) => (await store.touch(key, at), true) }),
      'touch answers false for an ended record',
    ],
    [
      'moves deadlines earlier',
      (store) => ({
        async touch(key, at) {
          const record = await store.get(key)
          if (record === null || record.value.byteLength === 0) return false
          await store.delete(key)
          await store.put(key, { ...record, expiresAt: at }, { expected: null })
          return true
        },
      }),
      'touch never moves the deadline earlier',
    ],
    [
      'keeps its deadlines in seconds',
      (store) => ({
        put: (key, record, options) => store.put(key, { ...record, expiresAt: Math.ceil((record.expiresAt + 1) / 1_000) * 1_000 }, options),
      }),
      'the deadline',
    ],
    [
      'forgets that keys have a case',
      (store) => ({ get: (key) => store.get(key.toLowerCase()), put: (key, ...put) => store.put(key.toLowerCase(), ...put) }),
      'each key has a record of its own',
    ],
    [
      'keeps text, not bytes',
      (store) => ({
        put: (key, record, options) => store.put(key, { ...record, value: Buffer.from(Buffer.from(record.value).toString()) }, options),
      }),
      'bytes are kept exactly (each of the 256 byte values)',
    ],
    [
      'takes a durability it cannot give for the usual',
      (store) => ({
        put: (key, record, { expected }) => store.put(key, record, { expected }).then(() => ({ stored: false, current: null })),
      }),
      'put with expected null',
    ],
    [
      'fails for want of a replica where it need not',
      (store) => ({
        put: async (key, record, options) =>
          options.durability === 'replicated'
            ? { stored: false, current: null }
            : store.put(key, record, { ...options, durability: 'primary' }),
      }),
      "durability 'replicated' is what every store takes",
    ],
    [
      'stores something else than the put that was not durable',
      (store) => ({
        async put(key, record, options) {
          if (typeof options.durability !== 'object') return store.put(key, record, options)
          await store.put(
            key,
            { ...record, version: record.version.replace(/.$/, (last) => (last === '-' ? '_' : '-')) },
            { expected: options.expected },
          )
          throw sessionError('ERR_NOT_DURABLE', 'no replica')
        },
      }),
      'the same put sent again settles one that was ERR_NOT_DURABLE',
    ],
    [
      'tells of changes under another key',
      (store) => {
        const { put, onChange } = announcingStore(store)
        return {
          put,
          onChange: (listener) => onChange!((change) => listener(change === 'lost' ? change : { ...change, key: `${change.key}-` })),
        }
      },
      'onChange tells of each put that is stored',
    ],
    [
      'tells of what it refused',
      (store) => {
        const { onChange, tell } = announcingStore(store)
        const put: SessionStore['put'] = (key, record, options) => {
          tell({ key, version: record.version })
          return store.put(key, record, options)
        }
        return { put, onChange: onChange! }
      },
      'onChange tells of what was stored, and of nothing else',
    ],
    [
      'goes on telling whoever has stopped',
      (store) => {
        const { put, onChange } = announcingStore(store)
        const onChangeForEver: SessionStore['onChange'] = (listener) => {
          onChange!(listener)
          return () => {}
        }
        return { put, onChange: onChangeForEver }
      },
      'once a listener was stopped it is told nothing more',
    ],
    [
      'gives an older record at once',
      (store) => {
        let first: StoredRecord | undefined
        return {
          put: (key, record, options) => ((first ??= record), store.put(key, record, options)),
          getLocal: () => first,
        }
      },
      'getLocal with atLeast gives no older record',
    ],
    ['answers after close', () => ({ get: async () => null }), 'get rejects after close'],
  ]
  test.concurrent.each(cases)('%s', async (_, breaking, words) => {
    expect(await complaints(broken(breaking))).toContain(words)
  })
})
