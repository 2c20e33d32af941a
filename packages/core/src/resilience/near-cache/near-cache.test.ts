import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { SessionStore, StoredRecord } from '../../record/store.ts'
import { endedVersion, nextVersion } from '../../record/version.ts'
import { memoryStore } from '../../stores/memory/memory-store.ts'
import { announcingStore } from '../../testing/announcing-store.ts'
import { failureOf } from '../../testing/failure-of.ts'
import { faultyStore } from '../../testing/faulty-store.ts'
import { nearCache, type NearCache } from './near-cache.ts'
import type { NearCacheOptions } from './near-cache-options.ts'

const key = 'k'.repeat(43)
const inAnHour = (): number => Date.now() + 3_600_000
const record = (previous: string | null, text = 'data'): StoredRecord => ({
  version: nextVersion(previous),
  expiresAt: inAnHour(),
  value: Buffer.from(text),
})
const ended = (previous: string): StoredRecord => ({
  version: endedVersion(previous, { endedAt: Date.now() }),
  expiresAt: inAnHour(),
  value: Buffer.alloc(0),
})

/** Two processes with a near cache each, before one store. */
function world(options: NearCacheOptions = {}, tells = true) {
  const shared = memoryStore()
  const announcing = announcingStore(shared)
  const { onChange: _, ...silent } = announcing
  const stores = [0, 1].map(() => faultyStore(tells ? announcing : silent))
  const [here, there] = stores.map((store) => nearCache(store, options)) as [NearCache, NearCache]
  const gets = (): number => stores[0]!.calls.filter(({ method }) => method === 'get').length
  return { shared, announcing, store: stores[0]!, here, there, gets }
}

async function change(cache: SessionStore, previous: StoredRecord | null, next = record(previous?.version ?? null)): Promise<StoredRecord> {
  expect(await cache.put(key, next, { expected: previous?.version ?? null })).toEqual({ stored: true })
  return next
}

afterEach(() => void vi.useRealTimers())

describe('a warm read', () => {
  test('asks the store nothing, after a read and after a change', async () => {
    const { here, there, gets } = world()
    const first = await change(there, null)
    expect(await here.get(key)).toEqual(first)
    expect(await here.get(key)).toEqual(first)
    expect(gets()).toBe(1)
    const second = await change(here, first)
    expect(await here.get(key)).toEqual(second)
    expect(gets()).toBe(1)
    expect(here.stats()).toMatchObject({ entries: 1, hits: 2, misses: 1, emptied: 0 })
  })

  test('is there at once by getLocal, and what is no answer is not', async () => {
    const { here, there, gets } = world({}, false)
    const first = await change(there, null)
    expect(here.getLocal!(key)).toBeUndefined()
    await here.get(key)
    const local = here.getLocal!(key, { atLeast: first.version })!
    expect({ version: local.version, expiresAt: local.expiresAt, value: local.value }).toEqual(first)
    expect(here.getLocal!(key)!.origin).toBe(local.origin)
    const second = await change(there, first)
    expect(here.getLocal!(key, { atLeast: second.version })).toBeUndefined()
    expect(gets()).toBe(1)
    expect(await here.get(key, { atLeast: second.version })).toEqual(second)
    expect(here.getLocal!(key)!.origin).not.toBe(local.origin)
    expect(here.stats()).toMatchObject({ hits: 3, misses: 2 })
    await here.close!()
    expect(here.getLocal!(key)).toBeUndefined()
  })

  test('is not kept from the store for longer than maxAge, counted from the question', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
    const { here, there, gets, store } = world({ maxAge: 1_000 })
    await change(there, null)
    store.fault = () => 300
    const answer = here.get(key)
    await vi.advanceTimersByTimeAsync(300)
    await answer
    store.fault = undefined
    vi.advanceTimersByTime(699)
    await here.get(key)
    expect(gets()).toBe(1)
    vi.advanceTimersByTime(1)
    await here.get(key)
    expect(gets()).toBe(2)
  })

  test('ends with the deadline of the session, and touch moves it here too', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const { here, gets } = world()
    const first = await change(here, null, { ...record(null), expiresAt: Date.now() + 40 })
    expect(await here.get(key)).toEqual(first)
    const later = Date.now() + 60_000
    expect(await here.touch(key, later)).toBe(true)
    expect((await here.get(key))?.expiresAt).toBe(later)
    expect(gets()).toBe(0)
    const other = { ...record(first.version), expiresAt: Date.now() + 30 }
    await change(here, first, other)
    expect(await here.get(key)).toEqual(other)
    vi.setSystemTime(Date.now() + 31)
    expect(await here.get(key)).toBeNull()
  })

  test('gives bytes that nobody else has', async () => {
    const { here } = world()
    const first = await change(here, null)
    first.value.fill(0)
    const read = (await here.get(key)) as StoredRecord
    read.value.fill(0)
    expect(Buffer.from((await here.get(key))!.value).toString()).toBe('data')
  })

  test('goes past the copy when it has to be fresh, or the copy is older than the freshness cookie says', async () => {
    const { here, there, gets } = world({}, false)
    const first = await change(here, null)
    const second = await change(there, first)
    expect(await here.get(key)).toEqual(first)
    expect(await here.get(key, { atLeast: second.version })).toEqual(second)
    expect(await here.get(key)).toEqual(second)
    await here.get(key, { fresh: true })
    expect(gets()).toBe(2)
  })

  test('S8: an ended session is answered from here too, and a change of it never', async () => {
    const { here, there, gets } = world()
    const first = await change(here, null)
    const end = await change(there, first, ended(first.version))
    expect(await here.get(key)).toEqual(end)
    expect(await here.get(key)).toEqual(end)
    expect(gets()).toBe(1)
    expect(await here.put(key, record(first.version), { expected: first.version })).toEqual({ stored: false, current: end })
  })
})

describe('news of a change', () => {
  test('ends the copy at once; news of what is already here does not', async () => {
    const { here, there, gets } = world()
    const first = await change(here, null)
    await here.get(key)
    expect(gets()).toBe(0)
    const second = await change(there, first)
    expect(await here.get(key)).toEqual(second)
    expect(gets()).toBe(1)
  })

  test('a fill that began before it is neither kept nor served', async () => {
    const { here, there, store, gets } = world()
    const first = await change(there, null)
    let release = (): void => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const slow: SessionStore = {
      ...store,
      async get(...given) {
        const answer = await store.get(...given)
        if (gets() === 1) await held
        return answer
      },
    }
    const cache = nearCache({ ...slow, onChange: store.onChange!.bind(store) })
    const reading = cache.get(key)
    await sleep(5)
    const second = await change(there, first)
    release()
    expect(await reading).toEqual(second)
    expect(await cache.get(key)).toEqual(second)
    await here.close?.()
  })

  test('is kept as a floor: what the authority says afterwards is the truth, also where it is less', async () => {
    const { here, shared, announcing, gets } = world()
    const first = await change(shared, null)
    announcing.tell({ key, version: nextVersion(nextVersion(first.version)) })
    // The change that was told of got lost with the primary.
    expect(await here.get(key)).toEqual(first)
    expect(await here.get(key)).toEqual(first)
    expect(gets()).toBe(1)
  })

  test("'lost' ends all copies, and a fill under way is not kept", async () => {
    const { here, shared, announcing, gets } = world()
    const first = await change(here, null)
    announcing.tell('lost')
    await here.get(key)
    expect(gets()).toBe(1)
    const reading = here.get(key, { fresh: true })
    announcing.tell('lost')
    expect(await reading).toEqual(first)
    await here.get(key)
    expect(gets()).toBe(3)
    expect(here.stats().emptied).toBe(2)
    await shared.close?.()
  })

  test('more of it than fits keeps what is under way from being kept', async () => {
    const { here, announcing, shared, gets } = world({ maxEntries: 2 })
    await change(shared, null)
    const reading = here.get(key)
    for (const other of ['a', 'b', 'c']) announcing.tell({ key: other.repeat(43), version: nextVersion(null) })
    await reading
    await here.get(key)
    expect(gets()).toBe(2)
  })

  test('is no longer listened to after close', async () => {
    const { here, there, announcing } = world()
    expect(announcing.listeners).toBe(2)
    await here.close?.()
    expect(announcing.listeners).toBe(1)
    expect(await failureOf(here.get(key))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
    await there.close?.()
  })
})

describe('a change of our own', () => {
  test('that may have been applied is asked for again', async () => {
    const { here, store, gets } = world({}, false)
    const first = await change(here, null)
    store.fault = ({ method }) => (method === 'put' ? 'swallow' : undefined)
    const second = record(first.version)
    await failureOf(here.put(key, second, { expected: first.version }))
    expect(await here.get(key)).toEqual(second)
    expect(gets()).toBe(1)
  })

  test('that meets another one brings that one here', async () => {
    const { here, there, gets } = world({}, false)
    const first = await change(here, null)
    const second = await change(there, first)
    expect(await here.put(key, record(first.version), { expected: first.version })).toEqual({ stored: false, current: second })
    expect(await here.get(key)).toEqual(second)
    expect(gets()).toBe(0)
  })

  test('that was overtaken before it was acknowledged is not kept', async () => {
    const { here, there, store } = world()
    const first = await change(here, null)
    let release = (): void => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const slow = nearCache({
      ...store,
      onChange: store.onChange!.bind(store),
      async put(...given) {
        const result = await store.put(...given)
        await held
        return result
      },
    })
    const second = record(first.version)
    const changing = slow.put(key, second, { expected: first.version })
    await sleep(5)
    const third = await change(there, second)
    release()
    expect(await changing).toEqual({ stored: true })
    expect(await slow.get(key)).toEqual(third)
  })
})

describe('a store with copies of its own', () => {
  function replicated() {
    const primary = faultyStore(memoryStore())
    const replica = faultyStore(memoryStore())
    const announcing = announcingStore({
      ...primary,
      answersFromCopies: true,
      get: (at, options) => (options?.fresh === true ? primary.get(at, options) : replica.get(at, options)),
    })
    return { primary, replica, announcing, cache: nearCache(announcing) }
  }

  test('is asked for the authority; its copies only where that is slow or fails, and what they say is not kept', async () => {
    const { primary, replica, cache } = replicated()
    const first = record(null)
    await primary.put(key, first, { expected: null })
    await replica.put(key, first, { expected: null })
    for (const fault of ['fail', 'hang'] as const) {
      primary.fault = () => fault
      expect(await cache.get(key)).toEqual(first)
      expect(cache.stats().entries).toBe(0)
    }
    expect(replica.calls.filter(({ method }) => method === 'get')).toHaveLength(2)
    primary.fault = () => undefined
    await cache.get(key)
    await cache.get(key)
    expect(primary.calls.filter(({ method }) => method === 'get')).toHaveLength(3)
    expect(replica.calls.filter(({ method }) => method === 'get')).toHaveLength(2)
  })

  test('a copy below the floor is no answer: then only the authority can say', async () => {
    const { primary, replica, cache, announcing } = replicated()
    const first = record(null)
    await replica.put(key, first, { expected: null })
    announcing.tell({ key, version: nextVersion(first.version) })
    primary.fault = () => 'fail'
    expect(await failureOf(cache.get(key))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
  })
})

describe('in an outage', () => {
  test('getStale gives the last copy, until it is too old, below what is asked for, or known to have ended', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const { here, there, announcing } = world({ maxAge: 1_000, maxStale: 60_000 })
    const first = await change(here, null)
    announcing.tell('lost')
    vi.advanceTimersByTime(59_999)
    expect(await here.getStale!(key)).toEqual(first)
    expect(await here.getStale!(key, { atLeast: nextVersion(first.version) })).toBeNull()
    vi.advanceTimersByTime(1)
    expect(await here.getStale!(key)).toBeNull()
    await here.get(key)
    await change(there, first, ended(first.version))
    expect(await here.getStale!(key)).toBeNull()
  })
})

test('bounds hold: by entries and by bytes, those used last stay', async () => {
  const store = memoryStore()
  const keys = Array.from({ length: 50 }, (_, n) => String(n).padStart(43, '0'))
  for (const each of keys) await store.put(each, record(null, 'x'.repeat(1_000)), { expected: null })
  const byEntries = nearCache(store, { maxEntries: 10 })
  for (const each of keys) await byEntries.get(each)
  expect(byEntries.stats().entries).toBe(10)
  await byEntries.get(keys[40]!)
  expect(byEntries.stats().hits).toBe(1)
  const byBytes = nearCache(store, { maxBytes: 100_000 })
  for (const each of keys) await byBytes.get(each)
  expect(byBytes.stats().bytes).toBeLessThanOrEqual(100_000)
  expect(byBytes.stats().entries).toBeGreaterThan(10)
})

test.each([
  [{ maxAge: 0 }, 'nearCache({ maxAge }) is 0; it takes milliseconds, at least 1.'],
  [{ maxEntries: 1.5 }, 'nearCache({ maxEntries }) is 1.5; it takes a positive integer.'],
  [{ maxStale: Infinity }, 'nearCache({ maxStale }) is Infinity; it takes milliseconds, at least 1.'],
  [{ clock: {} as never }, 'nearCache({ clock }) is an object; it takes a clock, such as fakeClock().'],
])('%j is refused', (options, message) => {
  expect(() => nearCache(memoryStore(), options)).toThrow(expect.objectContaining({ code: 'ERR_OPTION', message }))
})

test('what is no store is refused', () => {
  expect(() => nearCache(undefined as never)).toThrow('nearCache(store) is undefined; it takes a session store, such as redisStore().')
})
