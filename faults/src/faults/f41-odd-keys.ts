import { isSessionError, type SessionStore } from '@holdfast/core'
import { memcachedStore } from '@holdfast/core/memcached'
import { startFaultProxy } from '@holdfast/testbed'
import type { Fault } from '../fault.ts'
import { prefix } from '../load/holdfast-site.ts'
import { plainMemcached } from '../load/plain-memcached.ts'
import { within } from '../load/within.ts'
import { alwaysOnRings, fact, noChangeFailed, noReadFailed, type Judgement } from '../judgement.ts'
import { memcachedFleet } from '../memcached-scene.ts'

const calls = 'calls with an odd key'
const notRefused = 'calls with an odd key that were not refused with a code of ours'
const bytes = 'bytes sent to the server for odd keys'
const wrongAfterwards = 'of the next 100 calls, wrong or without an answer'

const oddKeys: Readonly<Record<string, string>> = {
  'of 251 bytes with its prefix': 'k'.repeat(251 - prefix.length),
  empty: '',
  'with a line break': 'key\r\nflush_all\r\nkey',
  'with a blank': 'one two',
  'of other letters': 'ключ',
  'with a zero byte': 'key\0key',
}

const notBlamed: Judgement = { what: 'nodes blamed for odd keys (node)', of: ({ events }) => events['node'] ?? 0, must: { exactly: 0 } }

export const oddKeysRefused: Fault = {
  id: 'F41',
  title: 'keys of 251 bytes, empty, with line breaks, blanks and zero bytes, in other letters',
  beside: ['memjs'],
  judgements: [
    // Four methods, on one server and on three.
    fact(calls, { exactly: 2 * 4 * Object.keys(oddKeys).length }),
    ...[notRefused, bytes, wrongAfterwards].map((name) => fact(name, { exactly: 0 })),
    notBlamed,
    noReadFailed,
    noChangeFailed,
    ...alwaysOnRings,
  ],
  async scene() {
    const { servers, stores, base } = await memcachedFleet({ copies: 2 })
    const proxy = await startFaultProxy(servers[0]!)
    const address = `127.0.0.1:${proxy.port}`
    const counts: Record<string, number> = {}
    return {
      ...base,
      async happen({ system, begin }) {
        begin()
        const one = system === 'holdfast' ? memcachedStore({ nodes: [address], prefix }) : plainCalls(address)
        await one.get('warm')
        const sent = proxy.counts.bytesToServer
        const outcomes = await tryOddKeys(one)
        counts[bytes] = proxy.counts.bytesToServer - sent
        if (stores[0] !== undefined) outcomes.push(...(await tryOddKeys(stores[0])))
        counts[calls] = outcomes.length
        counts[notRefused] = outcomes.filter((outcome) => outcome !== 'refused').length
        counts[wrongAfterwards] = await wrongOf100(one)
        await one.close?.()
      },
      facts: async () => counts,
      async close() {
        await proxy.close()
        await base.close()
      },
    }
  },
}

type Calls = Pick<SessionStore, 'get' | 'put' | 'touch' | 'delete' | 'close'>

const recordNow = () => ({ version: '0000000001.odd', expiresAt: Date.now() + 60_000, value: Buffer.from('{}') })

async function tryOddKeys(store: Calls): Promise<string[]> {
  const outcomes: string[] = []
  for (const key of Object.values(oddKeys)) {
    const four: (() => Promise<unknown>)[] = [
      () => store.get(key),
      () => store.put(key, recordNow(), { expected: null }),
      () => store.touch(key, Date.now() + 60_000),
      () => store.delete(key),
    ]
    for (const call of four) {
      const outcome = within(1_000, Promise.resolve().then(call)).then(
        () => 'taken',
        (error: unknown) => (isSessionError(error) ? 'refused' : 'other'),
      )
      outcomes.push(await outcome)
    }
  }
  return outcomes
}

async function wrongOf100(store: Calls): Promise<number> {
  let wrong = 0
  for (let at = 0; at < 50; at += 1) {
    const key = `right-${at}`
    const stored = await within(1_000, store.put(key, recordNow(), { expected: null })).catch(() => undefined)
    if (stored?.stored !== true) wrong += 1
    const found = await within(1_000, store.get(key)).catch(() => undefined)
    if (found?.version !== recordNow().version) wrong += 1
  }
  return wrong
}

/** The same four calls as an application makes them on memjs. */
function plainCalls(address: string): Calls {
  const client = plainMemcached([address])
  return {
    async get(key) {
      const version = await client.get(key)
      return version === null ? null : { ...recordNow(), version }
    },
    async put(key, { version }) {
      await client.set(key, version)
      return { stored: true }
    },
    async touch(key) {
      await client.get(key)
      return true
    },
    delete: (key) => client.delete(key),
    close: async () => client.close(),
  }
}
