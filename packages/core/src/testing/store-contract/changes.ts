import type { SessionStore, StoreChange, StoredRecord } from '../../record/store.ts'
import { check, liveRecord, storeFirst } from './check.ts'
import type { DefinePromise } from './subject.ts'

/** How long one change may take until it is told, in milliseconds, before it counts as not told. */
const toldWithin = 5_000
/** How often a store that may have to connect first is given another change to tell, in milliseconds. */
const tryEvery = 50

/** What a listener was told. */
interface Told {
  /** Whether a change to this version was told. */
  has(key: string, version: string): boolean
  stop(): void
}

/** For stores that tell what is changed: the others need not. */
export function promisesOfChanges(promise: DefinePromise): void {
  promise('a put is told to whoever listens, with its key and version', async ({ store, newKey }) => {
    if (store.onChange === undefined) return
    const told = await listening(store, newKey())
    const key = newKey()
    const first = await storeFirst(store, key, liveRecord('one'))
    await checkTold(told, key, first)
    const second = liveRecord('two', first.version)
    await store.put(key, second, { expected: first.version })
    await checkTold(told, key, second)
    told.stop()
  })

  promise('a put of another handle on the same backend is told', async ({ store, newKey, another }) => {
    if (store.onChange === undefined) return
    const other = await another()
    const key = newKey()
    const first = await storeFirst(other, key, liveRecord('one'))
    // Where each store is a world of its own, there is nothing to tell.
    if ((await store.get(key)) === null) return
    const told = await listening(store, newKey())
    const second = liveRecord('two', first.version)
    await other.put(key, second, { expected: first.version })
    await checkTold(told, key, second)
    told.stop()
  })

  promise('a put that is not stored is not told', async ({ store, newKey }) => {
    if (store.onChange === undefined) return
    const told = await listening(store, newKey())
    const key = newKey()
    const first = await storeFirst(store, key, liveRecord('one'))
    const refused = liveRecord('refused', first.version)
    await store.put(key, refused, { expected: null })
    const second = liveRecord('two', first.version)
    await store.put(key, second, { expected: first.version })
    await checkTold(told, key, second)
    check(!told.has(key, refused.version), 'onChange tells of what was stored, and of nothing else.')
    told.stop()
  })

  promise('who has stopped listening is told nothing more, and others are', async ({ store, newKey }) => {
    if (store.onChange === undefined) return
    const [told, others] = [await listening(store, newKey()), await listening(store, newKey())]
    told.stop()
    told.stop()
    const key = newKey()
    const record = await storeFirst(store, key, liveRecord('one'))
    await checkTold(others, key, record)
    check(!told.has(key, record.version), 'once a listener was stopped it is told nothing more.')
    others.stop()
  })
}

/** Listens, and resolves once the store does. */
async function listening(store: SessionStore, key: string): Promise<Told> {
  const heard = new Set<string>()
  const stop = store.onChange?.((change: StoreChange) => {
    if (change !== 'lost') heard.add(`${change.key} ${change.version}`)
  })
  const told: Told = { has: (changed, version) => heard.has(`${changed} ${version}`), stop: () => stop?.() }
  const until = performance.now() + toldWithin
  let record = await storeFirst(store, key, liveRecord('one'))
  while (heard.size === 0) {
    check(performance.now() < until, 'onChange tells of each put that is stored.', [...heard])
    await new Promise((resolve) => setTimeout(resolve, tryEvery))
    const next = liveRecord('again', record.version)
    await store.put(key, next, { expected: record.version })
    record = next
  }
  return told
}

async function checkTold(told: Told, key: string, { version }: StoredRecord): Promise<void> {
  const until = performance.now() + toldWithin
  while (!told.has(key, version)) {
    check(performance.now() < until, 'onChange tells of each put that is stored, with its key and its version.', { key, version })
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
