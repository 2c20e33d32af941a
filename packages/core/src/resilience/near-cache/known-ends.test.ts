import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { SessionStore, StoredRecord } from '../../record/store.ts'
import { endedVersion, nextVersion } from '../../record/version.ts'
import { memoryStore } from '../../stores/memory/memory-store.ts'
import { announcingStore } from '../../testing/announcing-store.ts'
import { deferred } from '../../testing/deferred.ts'
import { failureOf } from '../../testing/failure-of.ts'
import { faultyStore } from '../../testing/faulty-store.ts'
import { nearCache } from './near-cache.ts'

const key = 'k'.repeat(43)
const expiresAt = Date.now() + 3_600_000
const live = (previous: string | null): StoredRecord => ({ version: nextVersion(previous), expiresAt, value: Buffer.from('data') })
const end = (previous: string): StoredRecord => ({
  version: endedVersion(previous, { endedAt: Date.now() }),
  expiresAt,
  value: Buffer.alloc(0),
})

afterEach(() => void vi.useRealTimers())

/** A server that takes changes, and a replica that has only heard of the first. */
async function behind() {
  const primary = faultyStore(memoryStore())
  const replica = memoryStore()
  const store = announcingStore({
    ...primary,
    answersFromCopies: true,
    get: (at, options) => (options?.fresh === true ? primary.get(at, options) : replica.get(at, options)),
  })
  const cache = nearCache(store)
  const first = live(null)
  await cache.put(key, first, { expected: null })
  await replica.put(key, first, { expected: null })
  return { primary, store, cache, first }
}

describe('a session that was ended is not shown by a replica that is behind, when the primary is gone', () => {
  test('where it was ended here', async () => {
    const { primary, store, cache, first } = await behind()
    await cache.put(key, end(first.version), { expected: first.version })
    store.tell('lost')
    primary.fault = () => 'fail'
    expect(await failureOf(cache.get(key))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
  })

  test('where news of its end came', async () => {
    const { primary, store, cache, first } = await behind()
    await store.put(key, end(first.version), { expected: first.version })
    store.tell('lost')
    primary.fault = () => 'fail'
    expect(await failureOf(cache.get(key))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
  })

  test('where it was read that it has ended, long ago', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const { primary, cache, first } = await behind()
    await primary.put(key, end(first.version), { expected: first.version })
    await cache.get(key, { fresh: true })
    vi.advanceTimersByTime(60_000)
    primary.fault = () => 'fail'
    expect(await failureOf(cache.get(key))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
  })
})

/** The store's next answer to a read is held back until then. */
function held(store: SessionStore) {
  const answered = deferred()
  let gets = 0
  const slow: SessionStore = {
    ...store,
    async get(...given) {
      const answer = await store.get(...given)
      gets += 1
      if (gets === 1) await answered.promise
      return answer
    },
  }
  return { slow, answered }
}

test('a change that was made here is not hidden by a replica that is behind', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const { primary, store, first } = await behind()
  const { onChange: _, ...silent } = store
  const cache = nearCache(silent)
  await cache.put(key, live(first.version), { expected: first.version })
  vi.advanceTimersByTime(60_000)
  primary.fault = () => 'fail'
  expect(await failureOf(cache.get(key))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
})

test('nor is what the primary was found to have after a change was lost', async () => {
  const { primary, store, cache, first } = await behind()
  const second = live(first.version)
  await primary.put(key, second, { expected: first.version })
  store.tell({ key, version: '0000000009.aaaaaaaa' })
  expect(await cache.get(key)).toEqual(second)
  store.tell('lost')
  primary.fault = () => 'fail'
  expect(await failureOf(cache.get(key))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
})

test('an answer that comes late does not replace one to a later question', async () => {
  const store = memoryStore()
  const first = live(null)
  const second = live(first.version)
  await store.put(key, first, { expected: null })
  const { slow, answered } = held(store)
  const cache = nearCache(slow)
  const reading = cache.get(key)
  await sleep(1)
  await store.put(key, second, { expected: first.version })
  expect(await cache.get(key)).toEqual(second)
  answered.resolve()
  expect(await reading).toEqual(first)
  expect(await cache.get(key)).toEqual(second)
})

describe('a change of which nobody knows what has become', () => {
  test.each([
    ['change', live],
    ['end', end],
  ])('a read that was under way before that %s is not kept', async (_, next) => {
    const store = faultyStore(memoryStore())
    const first = live(null)
    await store.put(key, first, { expected: null })
    const { slow, answered } = held(store)
    const cache = nearCache(slow)
    const reading = cache.get(key)
    await sleep(1)
    store.fault = ({ method }) => (method === 'put' ? 'swallow' : undefined)
    const second = next(first.version)
    await failureOf(cache.put(key, second, { expected: first.version }))
    answered.resolve()
    await reading
    expect(await cache.get(key)).toEqual(second)
  })

  test('an end is taken for one that was: the session is not shown any more in the outage', async () => {
    const store = faultyStore(memoryStore())
    const cache = nearCache(store)
    const first = live(null)
    await cache.put(key, first, { expected: null })
    store.fault = ({ method }) => (method === 'put' ? 'swallow' : 'fail')
    await failureOf(cache.put(key, end(first.version), { expected: first.version }))
    expect(await cache.getStale!(key)).toBeNull()
  })
})

test('what a replica tells to whoever asks for it ends an older copy, also an end', async () => {
  const [primary, replica] = [faultyStore(memoryStore()), memoryStore()]
  const cache = nearCache({
    ...primary,
    answersFromCopies: true,
    get: (at, options) => (options?.fresh === true ? primary.get(at, options) : replica.get(at, options)),
  })
  const first = live(null)
  const over = end(first.version)
  await cache.put(key, first, { expected: null })
  await replica.put(key, over, { expected: null })
  primary.fault = ({ method }) => (method === 'get' ? 'fail' : undefined)
  expect(await cache.get(key, { atLeast: over.version })).toEqual(over)
  expect(await cache.get(key)).toEqual(over)
  expect(await cache.getStale!(key)).toBeNull()
})

test('what the store says of a session whose end was heard of is answered and not kept: it may be a server that has not heard of it', async () => {
  const store = announcingStore(memoryStore())
  const cache = nearCache(store)
  const first = live(null)
  await store.put(key, first, { expected: null })
  store.tell({ key, version: end(first.version).version })
  expect(await cache.get(key)).toEqual(first)
  expect(await cache.getStale!(key)).toBeNull()
  await store.delete(key)
  expect(await cache.get(key)).toBeNull()
})

test('what was read and could not be kept ends an older copy', async () => {
  const store = announcingStore(memoryStore())
  const cache = nearCache(store)
  const first = live(null)
  const over = end(first.version)
  await cache.put(key, first, { expected: null })
  store.hold = async () => new Promise(() => {})
  await store.put(key, over, { expected: first.version })
  const reading = cache.get(key, { fresh: true })
  store.tell('lost')
  expect(await reading).toEqual(over)
  expect(await cache.getStale!(key)).toBeNull()
})

test('a read that was under way when a key was deleted is not kept', async () => {
  const store = memoryStore()
  await store.put(key, live(null), { expected: null })
  const answered = deferred()
  const cache = nearCache({
    ...store,
    async get(...given) {
      const answer = await store.get(...given)
      if (answer !== null) await answered.promise
      return answer
    },
  })
  const reading = cache.get(key)
  await cache.delete(key)
  answered.resolve()
  await reading
  expect(await cache.get(key)).toBeNull()
})

test('of two changes that were built on the same one, one is lost: neither is taken for the newer', async () => {
  const store = announcingStore(memoryStore())
  const { onChange: _, ...silent } = store
  const [first, lost, made] = [
    live(null),
    { ...live(null), version: '0000000002.zzzzzzzz' },
    { ...live(null), version: '0000000002.aaaaaaaa' },
  ] as const
  await store.put(key, first, { expected: null })
  const caches = [nearCache(silent), nearCache(store)] as const
  for (const cache of caches) await cache.put(key, lost, { expected: first.version })
  // Another server takes its place.
  await store.delete(key)
  await store.put(key, made, { expected: null })
  expect(await caches[0].get(key, { atLeast: made.version })).toEqual(made)
  expect(await caches[1].get(key)).toEqual(made)
})

test('a store that answers with undefined, or throws, has no record, or none that can be had', async () => {
  const answers: (() => Promise<never>)[] = [async () => undefined as never]
  const store: SessionStore = { ...memoryStore(), answersFromCopies: true, get: () => answers[0]!() }
  const cache = nearCache(announcingStore(store))
  expect(await cache.get(key)).toBeNull()
  await cache.put(key, live(null), { expected: null })
  expect(await cache.get(key, { atLeast: 'f' })).toBeNull()
  answers[0] = () => {
    throw new TypeError('not today')
  }
  expect(await failureOf(cache.get(key, { fresh: true }))).toBeInstanceOf(TypeError)
  expect(await failureOf(cache.get('a'.repeat(43)))).toBeInstanceOf(TypeError)
})
