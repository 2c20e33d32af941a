import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { sessionError } from '../../errors.ts'
import { onSessionEvent, type SessionEvents } from '../../events.ts'
import type { SessionStore, StoredRecord } from '../../record/store.ts'
import { createSessions } from '../../session/manager.ts'
import { memoryStore } from '../../stores/memory/memory-store.ts'
import { anyKey } from '../../testing/any-record.ts'
import { failureOf } from '../../testing/failure-of.ts'
import { backedUp } from './backed-up.ts'
import { allWell, endOf, liveOn, backedUpNode, type BackedUpNode } from '../../testing/backed-up-node.ts'

let backup: SessionStore

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'performance'] })
  backup = memoryStore()
})
afterEach(async () => {
  if (vi.isFakeTimers()) await allWell(pass)
  vi.useRealTimers()
})

const pass = async (milliseconds: number): Promise<void> => void (await vi.advanceTimersByTimeAsync(milliseconds))
const plain = { expected: null }

async function fill(node: BackedUpNode, count: number): Promise<Map<string, StoredRecord>> {
  const records = new Map(Array.from({ length: count }, () => [anyKey(), liveOn(null)] as const))
  for (const [key, record] of records) expect(await node.store.put(key, record, plain)).toEqual({ stored: true })
  return records
}

async function missing(records: ReadonlyMap<string, StoredRecord>): Promise<number> {
  let count = 0
  for (const [key, { version }] of records) if ((await backup.get(key))?.version !== version) count += 1
  return count
}

describe('what waits to be copied', () => {
  test('keeps no timer while there is nothing', async () => {
    const node = backedUpNode(backup)
    await fill(node, 10)
    await pass(1_100)
    // The memory stores sweep.
    expect(vi.getTimerCount()).toBe(2)
  })

  test('is bounded in sessions: over that a plain change waits for the backup, and fails when that does not answer', async () => {
    const node = backedUpNode(backup, { maxPending: 2 })
    node.way.fault = () => 'fail'
    const [[first, record]] = [...(await fill(node, 2))] as [[string, StoredRecord]]
    const key = anyKey()
    expect((await failureOf(node.store.put(key, liveOn(null), plain))).code).toBe('ERR_UNAVAILABLE')
    // Of one that waits already the newest is kept, in its place.
    expect(await node.store.put(first, liveOn(record), { expected: record.version })).toEqual({ stored: true })
    node.way.fault = undefined
    const late = liveOn(null)
    expect(await node.store.put(key, late, plain)).toEqual({ stored: true })
    expect((await backup.get(key))?.version).toBe(late.version)
    expect(node.store.pending()).toMatchObject({ sessions: 2, changes: 3 })
  })

  test('is bounded in bytes', async () => {
    const node = backedUpNode(backup, { maxPendingBytes: 5_000 })
    node.way.fault = () => 'fail'
    let stored = 0
    for (; stored < 100; stored += 1) {
      const isStored = await node.store.put(anyKey(), liveOn(null), plain).catch(() => undefined)
      if (isStored === undefined) break
    }
    expect(stored).toBeGreaterThan(5)
    expect(stored).toBeLessThan(20)
    expect(node.store.pending().bytes).toBeLessThanOrEqual(5_000)
  })

  test('is copied once the backup is back, and nothing is counted any more', async () => {
    const node = backedUpNode(backup)
    node.way.fault = () => 'hang'
    const records = await fill(node, 300)
    await pass(10_000)
    expect(await missing(records)).toBe(300)
    expect(node.store.pending()).toMatchObject({ sessions: 300, changes: 300, oldest: 10_000 })
    node.way.fault = undefined
    await pass(2_000)
    expect(await missing(records)).toBe(0)
    expect(node.store.pending()).toEqual({ sessions: 0, changes: 0, bytes: 0, oldest: 0 })
  })

  test('asks a silent backup for no more than some at once in each round', async () => {
    const node = backedUpNode(backup)
    await fill(node, 300)
    node.way.fault = () => 'fail'
    await pass(1_000)
    expect(node.asked().length).toBeLessThanOrEqual(32)
  })

  test('is copied although others are not taken: a share of the keys is away, one is too large', async () => {
    const large = anyKey()
    const { put } = backup
    backup.put = (key, ...rest) => (key === large ? Promise.reject(sessionError('ERR_TOO_LARGE', 'It is too large.')) : put(key, ...rest))
    const node = backedUpNode(backup)
    await node.store.put(large, liveOn(null), plain)
    const records = await fill(node, 300)
    const away = new Set([...records.keys()].slice(0, 100))
    node.way.fault = ({ key }) => (away.has(key) ? 'fail' : undefined)
    await pass(30_000)
    expect(await missing(records)).toBe(100)
    expect(node.way.calls.filter(({ key }) => key === large).length).toBeLessThanOrEqual(30)
    node.way.fault = undefined
    await pass(2_000)
    expect(await missing(records)).toBe(0)
  })

  test('of which the replies are lost is there once, and what came later too', async () => {
    const node = backedUpNode(backup)
    const key = anyKey()
    let newest = liveOn(null)
    await node.store.put(key, newest, plain)
    node.way.fault = ({ method }) => (method === 'put' ? 'swallow' : undefined)
    // More writes than a record remembers.
    for (let count = 0; count < 40; count += 1) {
      await pass(1_000)
      const next = liveOn(newest)
      await node.store.put(key, next, { expected: newest.version })
      newest = next
    }
    node.way.fault = undefined
    await pass(2_000)
    expect((await backup.get(key))?.version).toBe(newest.version)
    expect(node.store.pending().changes).toBe(0)
  })

  test('is told once when it waits for too long, and once more after it has caught up', async () => {
    const heard: SessionEvents['backup-behind'][] = []
    onTestFinished(onSessionEvent('backup-behind', (each) => void heard.push(each)))
    const node = backedUpNode(backup)
    for (const times of [1, 2]) {
      node.way.fault = () => 'fail'
      await fill(node, 3)
      await pass(5_000)
      expect(heard).toHaveLength(times - 1)
      await pass(20_000)
      expect(heard).toHaveLength(times)
      node.way.fault = undefined
      await pass(5_000)
    }
    expect(heard[0]?.pending).toBe(3)
    expect(heard[0]?.oldest).toBeGreaterThan(5_000)
  })

  test('is not what was deleted', async () => {
    const node = backedUpNode(backup)
    const [key] = [...(await fill(node, 1)).keys()] as [string]
    await node.store.delete(key)
    await pass(2_000)
    expect(await backup.get(key)).toBeNull()
    expect(await node.store.get(key)).toBeNull()
  })
})

describe('draining', () => {
  test('copies what waits, and from then on every change is in the backup before its answer; the node goes on', async () => {
    const node = backedUpNode(backup)
    const records = await fill(node, 100)
    const draining = node.store.drain()
    await pass(50)
    await draining
    expect(await missing(records)).toBe(0)
    expect(node.store.pending()).toMatchObject({ sessions: 0, changes: 0, bytes: 0 })
    const [[key, record]] = [...records] as [[string, StoredRecord]]
    const next = liveOn(record)
    expect(await node.store.put(key, next, { expected: record.version })).toEqual({ stored: true })
    expect((await backup.get(key))?.version).toBe(next.version)
    expect((await node.store.get(key))?.version).toBe(next.version)
  })

  test('a change that is made meanwhile is in the backup before its answer too', async () => {
    const node = backedUpNode(backup)
    const records = await fill(node, 3)
    node.way.fault = () => 30
    const draining = node.store.drain()
    const [[key, record]] = [...records] as [[string, StoredRecord]]
    const next = liveOn(record)
    const changing = node.store.put(key, next, { expected: record.version }).then(async (result) => ({
      result,
      there: (await backup.get(key))?.version,
    }))
    await pass(500)
    await draining
    expect(await changing).toEqual({ result: { stored: true }, there: next.version })
  })

  test('rejects when something could not be copied in time; changes are then 503, and what waits is copied once the backup is back', async () => {
    const node = backedUpNode(backup)
    node.way.fault = () => 'fail'
    const records = await fill(node, 2)
    const draining = failureOf(node.store.drain({ within: 1_000 }))
    await pass(1_200)
    expect(await draining).toMatchObject({ code: 'ERR_UNAVAILABLE' })
    expect((await draining).message).toContain('in time: 2 changes of 2 sessions')
    expect((await failureOf(node.store.put(anyKey(), liveOn(null), plain))).code).toBe('ERR_UNAVAILABLE')
    node.way.fault = undefined
    await pass(2_000)
    expect(await missing(records)).toBe(0)
  })
})

describe('closing', () => {
  /** A way to a backup that outlives the node. */
  const shared = (): SessionStore => ({ ...backup, close: async () => {} })

  test('copies what waits, and closes both', async () => {
    const node = backedUpNode(shared())
    const records = await fill(node, 100)
    const closing = node.store.close?.()
    await pass(100)
    await closing
    expect(await missing(records)).toBe(0)
    const [key] = [...records.keys()] as [string]
    for (const call of [node.store.get(key), node.store.touch(key, 0), node.store.delete(key), node.local.get(key)])
      expect((await failureOf(call)).code).toBe('ERR_UNAVAILABLE')
  })

  test('tries again until the backup is back', async () => {
    const node = backedUpNode(shared())
    node.way.fault = () => 'fail'
    const records = await fill(node, 100)
    const closing = node.store.close?.({ within: 5_000 })
    await pass(3_000)
    node.way.fault = undefined
    await pass(1_000)
    await closing
    expect(await missing(records)).toBe(0)
  })

  test('rejects after `within` with what was not copied, and has closed both', async () => {
    const node = backedUpNode(shared())
    node.way.fault = () => 'hang'
    const records = await fill(node, 3)
    const [[key, record]] = [...records] as [[string, StoredRecord]]
    await node.store.put(key, liveOn(record), { expected: record.version })
    const closing = failureOf(node.store.close!({ within: 2_000 }))
    await pass(2_300)
    const { code, message } = await closing
    expect(code).toBe('ERR_UNAVAILABLE')
    expect(message).toContain('4 changes of 3 sessions')
    expect((await failureOf(node.local.get(key))).code).toBe('ERR_UNAVAILABLE')
    expect(vi.getTimerCount()).toBe(0)
  })

  test('by the manager waits for what is under way first, and leaves the store the rest of its time', async () => {
    const given: unknown[] = []
    const store: SessionStore = { ...memoryStore(), close: async (options) => void given.push(options?.within) }
    const sessions = () => createSessions({ store, secrets: ['only for the tests of closing a store'], initial: () => ({}) })
    await sessions().close({ within: 3_000 })
    const busy = sessions()
    busy.open(undefined, {})
    const closing = busy.close({ within: 0 })
    await pass(10)
    await closing
    expect(given).toEqual([3_000, 100])
  })

  test('a node that is taken out while its users are moving on loses nothing', async () => {
    const one = backedUp(memoryStore(), shared())
    const other = backedUp(memoryStore(), shared())
    const key = anyKey()
    const first = liveOn(null)
    await one.put(key, first, plain)
    await one.close?.()
    expect((await other.get(key))?.version).toBe(first.version)
    const ended = endOf(first)
    expect(await other.put(key, ended, { expected: first.version })).toEqual({ stored: true })
  })
})
