import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { SessionStore, StoredRecord } from '../../record/store.ts'
import { memoryStore } from '../../stores/memory/memory-store.ts'
import { announcingStore } from '../../testing/announcing-store.ts'
import { anyKey } from '../../testing/any-record.ts'
import { allWell, backedUpNode, endOf, liveOn, type BackedUpNode } from '../../testing/backed-up-node.ts'
import { failureOf } from '../../testing/failure-of.ts'

let key: string
const pass = async (milliseconds: number): Promise<void> => void (await vi.advanceTimersByTimeAsync(milliseconds))

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'performance'] })
  key = anyKey()
})
afterEach(async () => {
  await allWell(pass)
  vi.useRealTimers()
})

const versionAt = async (asked: Promise<StoredRecord | null>): Promise<string | undefined> => (await asked)?.version

/** A session that the node and the backup have, and its end, of which the node gets no answer. */
async function unanswered(backup: SessionStore, isApplied: boolean): Promise<BackedUpNode & { first: StoredRecord; end: StoredRecord }> {
  const node = backedUpNode(backup)
  const first = liveOn(null)
  const end = endOf(first)
  await node.store.put(key, first, { expected: null, durability: 'replicated' })
  node.way.fault = ({ method }) => (method === 'put' ? (isApplied ? 'swallow' : 'hang') : undefined)
  const ending = failureOf(node.store.put(key, end, { expected: first.version }))
  await pass(200)
  expect(await ending).toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
  return { ...node, first, end }
}

describe('an end of which nobody knows what has become', () => {
  test('is asked for by the next read, also right after the backup was silent', async () => {
    const { store, end } = await unanswered(memoryStore(), true)
    expect(await versionAt(store.get(key))).toBe(end.version)
    expect(await versionAt(store.getStale!(key))).toBe(end.version)
  })

  test('is not taken for none while the backup does not answer: the session is not shown, and takes no change', async () => {
    const { store, way, first, end } = await unanswered(memoryStore(), true)
    way.fault = () => 'fail'
    expect(await failureOf(store.get(key))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
    expect(await failureOf(store.put(key, liveOn(first), { expected: first.version }))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
    expect(await store.getStale!(key)).toBeNull()
    way.fault = undefined
    expect(await versionAt(store.get(key))).toBe(end.version)
  })

  test('and that is not there, is forgotten: the session lives on as any other', async () => {
    const { store, way, first } = await unanswered(memoryStore(), false)
    way.fault = undefined
    expect(await versionAt(store.get(key))).toBe(first.version)
    way.fault = () => 'fail'
    await pass(11_000)
    expect(await versionAt(store.get(key))).toBe(first.version)
  })

  test('and that came late, is known as soon as the backup tells of it', async () => {
    const backup = announcingStore(memoryStore())
    const { store, way, first, end } = await unanswered(backup, false)
    way.fault = undefined
    expect(await versionAt(store.get(key))).toBe(first.version)
    await backup.put(key, end, { expected: first.version })
    expect(await versionAt(store.get(key))).toBe(end.version)
  })
})

test('a local store that says undefined has nothing: the backup is asked', async () => {
  const backup = memoryStore()
  const local = memoryStore()
  const { store } = backedUpNode(backup, {}, { ...local, get: async (at) => (await local.get(at)) ?? (undefined as never) })
  expect(await store.get(key)).toBeNull()
  const first = liveOn(null)
  await store.put(key, first, { expected: null, durability: 'replicated' })
  await local.delete(key)
  expect(await versionAt(store.get(key))).toBe(first.version)
})
