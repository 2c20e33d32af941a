import { startMemcached, type MemcachedServer } from '@holdfast/testbed'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { days } from '../../duration.ts'
import { markerKey } from '../../resilience/ring/node-marker.ts'
import { anyKey, anyRecord } from '../../testing/any-record.ts'
import { failureOf } from '../../testing/failure-of.ts'
import { storeContract } from '../../testing/store-contract.ts'
import { memcachedStore, type MemcachedStore, type MemcachedStoreOptions } from './memcached-store.ts'

const memcached = await startMemcached()
afterAll(() => memcached.close())

function open(options: MemcachedStoreOptions = {}): MemcachedStore {
  const store = memcachedStore({ nodes: [memcached.address], ...options })
  onTestFinished(() => store.close?.())
  return store
}

async function started(server: Promise<MemcachedServer>): Promise<MemcachedServer> {
  const one = await server
  onTestFinished(() => one.close())
  return one
}

describe('one server', () => {
  storeContract({ describe, test }, () => memcachedStore({ nodes: [memcached.address] }))
})

test('one server has no copies that could be behind: no second cookie is written', () => {
  expect(open().answersFromCopies).toBe(false)
})

test('keys begin with the prefix', async () => {
  const key = anyKey()
  await open({ prefix: 'shop:' }).put(key, anyRecord(), { expected: null })
  expect(await memcached.command(`mg shop:${key}`)).toBe('HD')
})

test('what is no record is an error, and never overwritten', async () => {
  const [store, key] = [open(), anyKey()]
  await memcached.command(`set holdfast:${key} 0 0 14`, 'something else')
  await expect(store.get(key)).rejects.toMatchObject({ code: 'ERR_RECORD' })
  await expect(store.put(key, anyRecord(), { expected: null })).rejects.toMatchObject({ code: 'ERR_RECORD' })
  expect(await memcached.command(`get holdfast:${key}`)).toContain('something else')
})

describe('F33', () => {
  /** Seconds that memcached will keep it, as it says itself. */
  async function secondsLeft(key: string): Promise<number> {
    return Number(/ t(\d+)/.exec(await memcached.command(`mg holdfast:${key} t`))?.[1])
  }

  test.each([
    ['a minute', 60_000],
    ['29 days', days(29)],
    ['30 days less a second', days(30) - 1_000],
    ['30 days', days(30)],
    ['30 days and a second', days(30) + 1_000],
    ['31 days', days(31)],
    ['a year', days(365)],
  ])('a record of %s is kept until its deadline, and no more than 3 s longer, also after a touch', async (_, lifetime) => {
    const [store, key] = [open(), anyKey()]
    const record = { ...anyRecord(), expiresAt: Date.now() + lifetime }
    await store.put(key, record, { expected: null })
    expect(await store.get(key)).toEqual(record)
    const left = await secondsLeft(key)
    expect(left * 1_000).toBeGreaterThanOrEqual(record.expiresAt - Date.now() - 1_000)
    expect(left * 1_000).toBeLessThanOrEqual(lifetime + 3_000)

    await store.put(key, { ...record, version: '0000000002.AAAAAAAA', expiresAt: Date.now() + 1_000 }, { expected: record.version })
    expect(await store.touch(key, Date.now() + lifetime)).toBe(true)
    expect(await secondsLeft(key)).toBeGreaterThanOrEqual(Math.floor(lifetime / 1_000) - 1)
  })

  test('deadlines past 2038, and past the last that memcached can hold', async () => {
    const [store, key] = [open(), anyKey()]
    for (const date of ['2040-01-01', '2105-01-01', '2200-01-01']) {
      const record = { ...anyRecord(), expiresAt: Date.parse(date) }
      await store.delete(key)
      await store.put(key, record, { expected: null })
      expect(await store.get(key)).toEqual(record)
    }
  })
})

describe('F41: keys that memcached would not take, or would take for a command, are errors that do not hold them', () => {
  test.each([
    ['empty', ''],
    ['of 251 bytes with the prefix', 'k'.repeat(251 - 'holdfast:'.length)],
    ['with a line break', 'key\r\nflush_all'],
    ['with a space', 'a key'],
    ['with a zero', 'key\0'],
    ['unicode', 'schlüssel'],
  ])('%s: never on the wire', async (_, key) => {
    const store = open()
    await store.get(anyKey())
    const before = await memcached.stats()
    for (const call of [store.get(key), store.put(key, anyRecord(), { expected: null }), store.touch(key, 1), store.delete(key)]) {
      const error = await failureOf(call)
      expect(error).toMatchObject({ code: 'ERR_OPTION', message: expect.stringContaining('visible characters') })
      if (key !== '') expect(error.message).not.toContain(key)
    }
    const { cmd_get, cmd_set, cmd_touch, bytes_read, total_connections } = await memcached.stats()
    // Ours is the connection that asked for the statistics.
    expect({ cmd_get, cmd_set, cmd_touch }).toEqual({ cmd_get: before.cmd_get, cmd_set: before.cmd_set, cmd_touch: before.cmd_touch })
    expect(Number(bytes_read) - Number(before.bytes_read)).toBeLessThan(50)
    expect(Number(total_connections) - Number(before.total_connections)).toBe(1)
  })

  test('250 bytes with the prefix are taken', async () => {
    const [store, key] = [open(), 'k'.repeat(250 - 'holdfast:'.length)]
    const record = anyRecord()
    await store.put(key, record, { expected: null })
    expect(await store.get(key)).toEqual(record)
  })
})

describe('sizes', () => {
  /** The bytes of a value that make an item of this size. */
  const valueOf = (itemBytes: number): Buffer => Buffer.alloc(itemBytes - 59 - 'holdfast:'.length - 43 - 27 - 20 - 1, 'v')

  test.each([
    ['memcached as it comes', [], undefined, 1024 * 1024],
    ['-I 2m', ['-I', '2m'], 2 * 1024 * 1024, 2 * 1024 * 1024],
  ] as const)('%s: the largest item is kept, a byte more is an error before the network', async (_, args, maxItemBytes, most) => {
    const server = await started(startMemcached({ args }))
    const store = open({ nodes: [server.address], maxItemBytes })
    const key = anyKey()
    const largest = { ...anyRecord(), version: '0000000001.AAAAAAAAA', value: valueOf(most) }
    expect(await store.put(key, largest, { expected: null })).toEqual({ stored: true })
    // toEqual takes seconds for so many bytes.
    const isThere = async (): Promise<boolean> => largest.value.equals((await store.get(key))?.value ?? Buffer.alloc(0))
    expect(await isThere()).toBe(true)
    const { bytes_read } = await server.stats()
    const over = { ...largest, version: '0000000002.AAAAAAAAA', value: valueOf(most + 1) }
    expect(await failureOf(store.put(key, over, { expected: largest.version }))).toMatchObject({ code: 'ERR_TOO_LARGE' })
    expect(Number((await server.stats()).bytes_read) - Number(bytes_read)).toBeLessThan(50)
    expect(await isThere()).toBe(true)
  })

  test('a server that takes less than maxItemBytes says so, and the record that was there stays', async () => {
    const [store, key] = [open({ maxItemBytes: 4 * 1024 * 1024 }), anyKey()]
    const record = anyRecord()
    await store.put(key, record, { expected: null })
    const over = { ...anyRecord(record.version), value: Buffer.alloc(2 * 1024 * 1024) }
    expect(await failureOf(store.put(key, over, { expected: record.version }))).toMatchObject({ code: 'ERR_TOO_LARGE' })
    expect(await store.get(key)).toEqual(record)
  })
})

test('memory that is full and may not be evicted from: changes are refused, reads go on', async () => {
  const server = await started(startMemcached({ memoryMegabytes: 2, args: ['-M'] }))
  const store = open({ nodes: [server.address] })
  const keys: string[] = []
  const value = Buffer.alloc(100_000)
  let error: (Error & { code?: string }) | undefined
  for (; error === undefined && keys.length < 1_000; keys.push(anyKey())) {
    const key = anyKey()
    error = await store.put(key, { ...anyRecord(), value }, { expected: null }).then(
      () => undefined,
      (failure) => failure,
    )
    if (error === undefined) expect(await store.get(key)).not.toBeNull()
  }
  expect(error).toMatchObject({ code: 'ERR_REFUSED', message: expect.stringContaining('memory is full') })
  expect(await store.get(anyKey())).toBeNull()
})

test('a server that keeps no CAS (-C) is refused, since two changes could not be told apart', async () => {
  const server = await started(startMemcached({ args: ['-C'] }))
  const [store, key, record] = [open({ nodes: [server.address] }), anyKey(), anyRecord()]
  await store.put(key, record, { expected: null })
  for (const call of [store.get(key), store.put(key, anyRecord(record.version), { expected: record.version })])
    expect(await failureOf(call)).toMatchObject({ code: 'ERR_UNAVAILABLE', message: expect.stringContaining('-C') })
})

test('F30: evictions are seen and counted, server by server', async () => {
  const small = await started(startMemcached({ memoryMegabytes: 2 }))
  const store = open({ nodes: [small.address] })
  const value = Buffer.alloc(100_000)
  for (let count = 0; count < 200; count += 1) await store.put(anyKey(), { ...anyRecord(), value }, { expected: null })
  const [stats] = await store.stats()
  expect(stats).toMatchObject({ name: small.address, problem: undefined, limitBytes: 2 * 1024 * 1024 })
  expect(stats).toHaveProperty('evictions', Number((await small.stats()).evictions))
  expect((stats as { evictions: number }).evictions).toBeGreaterThan(0)
  await small.kill()
  expect(await store.stats()).toEqual([{ name: small.address, problem: expect.stringContaining('is not ready') }])
})

describe('round trips', () => {
  async function costOf(run: () => Promise<unknown>): Promise<{ gets: number; sets: number }> {
    const before = await memcached.stats()
    await run()
    const after = await memcached.stats()
    const grown = (name: string): number => Number(after[name]) - Number(before[name])
    return { gets: grown('cmd_get'), sets: grown('cmd_set') }
  }

  test('a read costs one, and a change after it one more, time after time', async () => {
    const [store, key] = [open(), anyKey()]
    // Once a minute it notes that it is in use.
    await vi.waitFor(async () => expect(await store.get(markerKey)).not.toBeNull(), { timeout: 10_000 })
    let record = anyRecord()
    expect(await costOf(() => store.put(key, record, { expected: null }))).toEqual({ gets: 0, sets: 1 })
    expect(await costOf(() => store.get(key))).toEqual({ gets: 1, sets: 0 })
    for (let change = 0; change < 3; change += 1) {
      const next = anyRecord(record.version)
      expect(await costOf(() => store.put(key, next, { expected: record.version }))).toEqual({ gets: 0, sets: 1 })
      record = next
    }
  })

  test('a change of what another process has changed meanwhile costs one more read, and tells what is there', async () => {
    const [store, other, key] = [open(), open(), anyKey()]
    const first = anyRecord()
    await store.put(key, first, { expected: null })
    await other.get(key)
    const second = anyRecord(first.version)
    await store.put(key, second, { expected: first.version })
    const late = async (): Promise<void> =>
      expect(await other.put(key, anyRecord(first.version), { expected: first.version })).toEqual({ stored: false, current: second })
    expect(await costOf(late)).toEqual({ gets: 1, sets: 1 })
  })

  test('a read and a change that another process touched meanwhile are stored all the same', async () => {
    const [store, other, key] = [open(), open(), anyKey()]
    const first = anyRecord()
    await store.put(key, first, { expected: null })
    expect(await other.touch(key, first.expiresAt + 60_000)).toBe(true)
    expect(await store.put(key, anyRecord(first.version), { expected: first.version })).toEqual({ stored: true })
  })
})
