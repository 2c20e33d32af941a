import { Buffer } from 'node:buffer'
import { describe, expect, test, vi } from 'vitest'
import { encodeEnvelope } from '../../record/envelope.ts'
import type { StoredRecord } from '../../record/store.ts'
import { endedVersion, nextVersion } from '../../record/version.ts'
import { fakeClock } from '../../testing/fake-clock.ts'
import type { MemoryStore, MemoryStoreOptions } from './memory-store.ts'
import { memoryStore } from './memory-store.ts'

const clock = fakeClock()

function session(subject: string | undefined, { minutes = 60, bytes = 10 } = {}): StoredRecord {
  const data = Buffer.alloc(bytes, 'x')
  const value = encodeEnvelope({ createdAt: clock.now(), subject, persistentUntil: undefined, writes: [], data })
  return { version: nextVersion(null), expiresAt: clock.now() + minutes * 60_000, value }
}

async function fill(store: MemoryStore, sessions: Record<string, StoredRecord>): Promise<void> {
  for (const [key, record] of Object.entries(sessions)) await store.put(key, record, { expected: null })
}

async function keysOf(store: MemoryStore, keys: string): Promise<string> {
  const found = await Promise.all([...keys].map(async (key) => ((await store.get(key)) === null ? '' : key)))
  return found.join('')
}

describe('a full store', () => {
  test('drops what has expired first, however recently it was used', async () => {
    const store = memoryStore({ maxEntries: 3, clock })
    await fill(store, { a: session(undefined), b: session('ann'), c: session('bob', { minutes: 1 }) })
    await store.get('c')
    clock.advance(60_000)
    await fill(store, { d: session('cy') })
    expect(await keysOf(store, 'abcd')).toBe('abd')
    expect(store.stats()).toMatchObject({ entries: 3, evicted: { expired: 1, anonymous: 0, leastRecentlyUsed: 0 } })
  })

  test('drops sessions without a subject next, the least recently used of them first', async () => {
    const store = memoryStore({ maxEntries: 4, clock })
    await fill(store, { a: session('ann'), b: session(undefined), c: session(undefined), d: session('bob') })
    await store.get('b')
    await fill(store, { e: session(undefined) })
    expect(await keysOf(store, 'abcde')).toBe('abde')
    expect(store.stats().evicted).toEqual({ expired: 0, anonymous: 1, leastRecentlyUsed: 0 })
  })

  test('drops ended sessions before those of people who are signed in', async () => {
    const store = memoryStore({ maxEntries: 2, clock })
    const ann = session('ann')
    await fill(store, { a: ann, b: session('bob') })
    await store.put(
      'a',
      { ...ann, version: endedVersion(ann.version, { endedAt: clock.now(), successor: undefined }), value: new Uint8Array() },
      { expected: ann.version },
    )
    await fill(store, { c: session('cy') })
    expect(await keysOf(store, 'abc')).toBe('bc')
  })

  test('drops what was not used for the longest time last', async () => {
    const store = memoryStore({ maxEntries: 3, clock })
    await fill(store, { a: session('ann'), b: session('bob'), c: session('cy') })
    await store.get('a')
    await store.touch('b', clock.now())
    await fill(store, { d: session('dee') })
    expect(await keysOf(store, 'abcd')).toBe('abd')
    expect(store.stats().evicted).toEqual({ expired: 0, anonymous: 0, leastRecentlyUsed: 1 })
  })

  test('never drops what is just being put, even without a subject among those that have one', async () => {
    const store = memoryStore({ maxEntries: 2, clock })
    await fill(store, { a: session('ann'), b: session('bob'), c: session(undefined) })
    expect(await keysOf(store, 'abc')).toBe('bc')
  })

  test('drops as many as a large value needs', async () => {
    const store = memoryStore({ maxBytes: 10_000, clock })
    await fill(store, { a: session('ann', { bytes: 2_000 }), b: session('bob', { bytes: 2_000 }), c: session('cy', { bytes: 2_000 }) })
    await fill(store, { d: session('dee', { bytes: 6_000 }) })
    expect(await keysOf(store, 'abcd')).toBe('cd')
    expect(store.stats().bytes).toBeLessThanOrEqual(10_000)
  })

  test('replaces a session in place', async () => {
    const store = memoryStore({ maxEntries: 2, clock })
    const ann = session('ann')
    await fill(store, { a: ann, b: session('bob') })
    await store.put('a', { ...session('ann'), version: nextVersion(ann.version) }, { expected: ann.version })
    expect(await keysOf(store, 'ab')).toBe('ab')
    expect(store.stats().entries).toBe(2)
  })

  test('refuses a value that is larger than all of it', async () => {
    const store = memoryStore({ maxBytes: 1_000, clock })
    await fill(store, { a: session('ann') })
    await expect(store.put('b', session('bob', { bytes: 2_000 }), { expected: null })).rejects.toMatchObject({ code: 'ERR_TOO_LARGE' })
    expect(await keysOf(store, 'ab')).toBe('a')
  })
})

test('stats count bytes, and all of them come back', async () => {
  const store = memoryStore({ clock })
  await fill(store, { a: session('ann', { bytes: 700 }) })
  expect(store.stats().bytes).toBeGreaterThan(700)
  await store.delete('a')
  expect(store.stats()).toEqual({ entries: 0, bytes: 0, evicted: { expired: 0, anonymous: 0, leastRecentlyUsed: 0 } })
})

test('the sweep gives back what has expired, in batches, and rests when nothing is left', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const store = memoryStore({ clock })
    for (let index = 0; index < 12_000; index += 1) await store.put(`key ${index}`, session(undefined, { minutes: 1 }), { expected: null })
    expect(vi.getTimerCount()).toBe(1)
    clock.advance(60_000)
    vi.advanceTimersByTime(30_000)
    expect(store.stats().entries).toBe(7_000)
    vi.advanceTimersByTime(100)
    expect(store.stats()).toMatchObject({ entries: 0, bytes: 0, evicted: { expired: 12_000 } })
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

test('the deadline counts on the clock it was given', async () => {
  const store = memoryStore({ clock })
  await fill(store, { a: session('ann', { minutes: 1 }) })
  clock.advance(59_999)
  expect(await keysOf(store, 'a')).toBe('a')
  clock.advance(1)
  expect(await keysOf(store, 'a')).toBe('')
})

test.each<MemoryStoreOptions>([
  { maxEntries: 0 },
  { maxEntries: 1.5 },
  { maxBytes: -1 },
  { maxBytes: Number.NaN },
  { maxBytes: '9' as never },
  { clock: {} as never },
  { clock: null as never },
])('refuses the options %o, saying which and what it takes', (options) => {
  const [name] = Object.keys(options)
  const takes = name === 'clock' ? 'a clock' : 'a positive integer'
  expect(() => memoryStore(options)).toThrow(
    expect.objectContaining({
      code: 'ERR_OPTION',
      message: expect.stringMatching(new RegExp(`^memoryStore\\(\\{ ${name} \\}\\) is .*; it takes ${takes}`)),
    }),
  )
})

test('refuses options that are none', () => {
  expect(() => memoryStore(20_000 as never)).toThrow(
    'memoryStore(options) is 20000; it takes an object: memoryStore({ maxEntries: 20_000 }).',
  )
})
