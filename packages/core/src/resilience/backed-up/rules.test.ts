import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { onSessionEvent, type SessionEvents } from '../../events.ts'
import type { SessionStore, StoredRecord } from '../../record/store.ts'
import { memoryStore } from '../../stores/memory/memory-store.ts'
import { announcingStore } from '../../testing/announcing-store.ts'
import { anyKey } from '../../testing/any-record.ts'
import { deferred } from '../../testing/deferred.ts'
import { fakeClock } from '../../testing/fake-clock.ts'
import { failureOf } from '../../testing/failure-of.ts'
import { allWell, endOf, liveOn, backedUpNode, type BackedUpNode } from '../../testing/backed-up-node.ts'

let key: string
let backup: SessionStore

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'performance'] })
  key = anyKey()
  backup = memoryStore()
})
afterEach(async () => {
  if (vi.isFakeTimers()) await allWell(pass)
  vi.useRealTimers()
})

const pass = async (milliseconds: number): Promise<void> => void (await vi.advanceTimersByTimeAsync(milliseconds))
const plain = (expected: StoredRecord | null) => ({ expected: expected?.version ?? null })
const durable = (expected: StoredRecord | null) => ({ ...plain(expected), durability: 'replicated' }) as const
const versionAt = async (store: SessionStore): Promise<string | undefined> => (await store.get(key))?.version

function forks(): SessionEvents['fork'][] {
  const heard: SessionEvents['fork'][] = []
  onTestFinished(onSessionEvent('fork', (fork) => void heard.push(fork)))
  return heard
}

/** A session that this node and the backup have. */
async function shared(node: BackedUpNode): Promise<StoredRecord> {
  const record = liveOn(null)
  expect(await node.store.put(key, record, durable(null))).toEqual({ stored: true })
  node.asked()
  return record
}

/** Another node's change, in the backup. */
async function elsewhere(over: StoredRecord | null, record = liveOn(over)): Promise<StoredRecord> {
  expect(await backup.put(key, record, plain(over))).toEqual({ stored: true })
  return record
}

describe('changes', () => {
  test('plain ones are here at once, and in the backup within `every`', async () => {
    const node = backedUpNode(backup, { every: 1_000 })
    const first = liveOn(null)
    await node.store.put(key, first, plain(null))
    expect(await versionAt(node.store)).toBe(first.version)
    await pass(999)
    expect(node.asked()).toEqual([])
    await pass(1)
    expect(await versionAt(backup)).toBe(first.version)
    expect(node.store.pending()).toEqual({ sessions: 0, changes: 0, bytes: 0, oldest: 0 })
  })

  test('of several within that time the newest is copied, once', async () => {
    const node = backedUpNode(backup)
    const first = await shared(node)
    let newest = first
    for (let count = 0; count < 5; count += 1) {
      const next = liveOn(newest)
      await node.store.put(key, next, plain(newest))
      newest = next
    }
    expect(node.store.pending()).toMatchObject({ sessions: 1, changes: 5 })
    await pass(1_000)
    expect(node.asked()).toEqual(['put'])
    expect(await versionAt(backup)).toBe(newest.version)
  })

  test('durable ones, and ends, are in the backup before the answer, with the durability', async () => {
    const asked: unknown[] = []
    const memory = backup
    backup = { ...memory, put: async (at, record, options) => (asked.push(options.durability), memory.put(at, record, options)) }
    const node = backedUpNode(backup)
    const first = liveOn(null)
    await node.store.put(key, first, durable(null))
    expect(await versionAt(backup)).toBe(first.version)
    const ended = endOf(first)
    await node.store.put(key, ended, plain(first))
    expect(await versionAt(backup)).toBe(ended.version)
    expect(await versionAt(node.local)).toBe(ended.version)
    expect(asked).toEqual(['replicated', undefined])
  })

  test('a durable one takes along what was waiting', async () => {
    const node = backedUpNode(backup)
    const first = await shared(node)
    const second = liveOn(first)
    const third = liveOn(second)
    await node.store.put(key, second, plain(first))
    expect(await node.store.put(key, third, durable(second))).toEqual({ stored: true })
    expect(await versionAt(backup)).toBe(third.version)
    expect(node.store.pending().changes).toBe(0)
  })

  test('a durable one that the backup does not take is not here either', async () => {
    const node = backedUpNode(backup)
    const first = await shared(node)
    node.way.fault = () => 'fail'
    expect((await failureOf(node.store.put(key, liveOn(first), durable(first)))).code).toBe('ERR_UNAVAILABLE')
    expect(await versionAt(node.local)).toBe(first.version)
  })

  test('a plain one waits while a durable one of its session is between the backup and here', async () => {
    const node = backedUpNode(backup)
    const first = await shared(node)
    const open = deferred()
    node.way.fault = async () => void (await open.promise)
    const second = liveOn(first)
    const third = liveOn(first)
    const results = Promise.all([node.store.put(key, second, durable(first)), node.store.put(key, third, plain(first))])
    open.resolve()
    expect(await results).toEqual([{ stored: true }, { stored: false, current: expect.objectContaining({ version: second.version }) }])
  })

  test('a plain one waits for no copying that is under way', async () => {
    const node = backedUpNode(backup)
    const first = liveOn(null)
    await node.store.put(key, first, plain(null))
    node.way.fault = () => 'hang'
    await pass(1_001)
    expect(node.asked()).toEqual(['put'])
    expect(await node.store.put(key, liveOn(first), plain(first))).toEqual({ stored: true })
  })

  test('of one whose reply was lost there is neither a second run nor a loss', async () => {
    const node = backedUpNode(backup)
    const first = await shared(node)
    const second = liveOn(first)
    node.way.fault = () => 'swallow'
    expect((await failureOf(node.store.put(key, second, durable(first)))).code).toBe('ERR_OUTCOME_UNKNOWN')
    node.way.fault = undefined
    expect(await node.store.put(key, second, durable(first))).toEqual({ stored: true })
    expect(await versionAt(node.store)).toBe(second.version)
  })

  test('one that may be in the backup, and of which the caller has heard nothing, is found by the next read or change', async () => {
    const node = backedUpNode(backup)
    const first = await shared(node)
    const second = liveOn(first)
    node.way.fault = () => 'swallow'
    await failureOf(node.store.put(key, second, durable(first)))
    node.way.fault = undefined
    await pass(1_000)
    const result = await node.store.put(key, liveOn(first), plain(first))
    expect(result).toEqual({ stored: false, current: expect.objectContaining({ version: second.version }) })
    expect(await versionAt(node.local)).toBe(second.version)
  })

  test('one that may be in the backup, and was not acknowledged, gives way to one that was', async () => {
    const node = backedUpNode(backup)
    const first = await shared(node)
    node.way.fault = () => 'swallow'
    await failureOf(node.store.put(key, liveOn(first), durable(first)))
    // The backup is silent, so nobody waits for it.
    const second = liveOn(first)
    expect(await node.store.put(key, second, plain(first))).toEqual({ stored: true })
    node.way.fault = undefined
    await pass(1_000)
    expect(await versionAt(backup)).toBe(second.version)
    expect(await versionAt(node.store)).toBe(second.version)
  })

  test('a durable one does not cross the copying of its session', async () => {
    const node = backedUpNode(backup)
    const first = await shared(node)
    const second = liveOn(first)
    await node.store.put(key, second, plain(first))
    const open = deferred()
    node.way.fault = async () => void (await open.promise)
    await pass(1_000)
    const third = liveOn(second)
    const result = node.store.put(key, third, durable(second))
    await pass(10)
    expect(node.asked()).toEqual(['put'])
    open.resolve()
    expect(await result).toEqual({ stored: true })
    expect(node.asked()).toEqual(['put'])
    expect(await versionAt(backup)).toBe(third.version)
  })

  test('what the local store has dropped is found where it waits, or in the backup', async () => {
    const node = backedUpNode(backup)
    const first = await shared(node)
    await node.local.delete(key)
    const second = liveOn(first)
    expect(await node.store.put(key, second, plain(first))).toEqual({ stored: true })
    const third = liveOn(second)
    await node.store.put(key, third, plain(second))
    await node.local.delete(key)
    expect(await node.store.put(key, liveOn(null), plain(null))).toMatchObject({ stored: false })
    expect(await versionAt(node.store)).toBe(third.version)
    const fourth = liveOn(third)
    expect(await node.store.put(key, fourth, plain(third))).toEqual({ stored: true })
    await pass(1_000)
    expect(await versionAt(backup)).toBe(fourth.version)
  })
})

test('what has expired before it could be copied is gone, whatever the backup has', async () => {
  const clock = fakeClock()
  backup = memoryStore({ clock })
  const node = backedUpNode(backup, { clock, revalidate: 0 }, memoryStore({ clock }))
  const first = await shared(node)
  const second = liveOn(first, clock.now() + 10_000)
  await node.store.put(key, second, plain(first))
  clock.advance(10_001)
  expect(await node.store.get(key)).toBeNull()
  for (const options of [plain(second), durable(second)])
    expect(await node.store.put(key, liveOn(second), options)).toEqual({ stored: false, current: null })
  await pass(1_000)
  expect(await node.store.get(key)).toBeNull()
  expect(node.store.pending().changes).toBe(0)
})

describe('what another node has changed', () => {
  test('stands when a durable change meets it, which is answered with it', async () => {
    const node = backedUpNode(backup)
    const first = await shared(node)
    const theirs = await elsewhere(first)
    const result = await node.store.put(key, liveOn(first), durable(first))
    expect(result).toEqual({ stored: false, current: expect.objectContaining({ version: theirs.version }) })
    expect(await versionAt(node.local)).toBe(theirs.version)
    expect(await versionAt(backup)).toBe(theirs.version)
  })

  test('stands when a plain change is to be copied, which is dropped and told', async () => {
    const heard = forks()
    const node = backedUpNode(backup)
    const first = await shared(node)
    const ours = liveOn(first)
    await node.store.put(key, ours, plain(first))
    const theirs = await elsewhere(first)
    await pass(1_000)
    expect(await versionAt(backup)).toBe(theirs.version)
    expect(await versionAt(node.store)).toBe(theirs.version)
    expect(heard).toEqual([{ id: key, kept: theirs.version, lost: ours.version }])
    expect(node.store.pending().changes).toBe(0)
  })

  test('stands over a durable change whose base was dropped for it, though that had the higher count', async () => {
    const node = backedUpNode(backup)
    const first = await shared(node)
    const second = liveOn(first)
    const third = liveOn(second)
    await node.store.put(key, second, plain(first))
    await node.store.put(key, third, plain(second))
    const theirs = await elsewhere(first)
    await pass(1_000)
    const result = await node.store.put(key, liveOn(third), durable(third))
    expect(result).toEqual({ stored: false, current: expect.objectContaining({ version: theirs.version }) })
    expect(await versionAt(backup)).toBe(theirs.version)
  })

  test('is merged with by a durable change, as the engine rebases it', async () => {
    const node = backedUpNode(backup)
    const first = await shared(node)
    const theirs = await elsewhere(first)
    await node.store.put(key, liveOn(first), durable(first))
    expect(await node.store.put(key, liveOn(theirs), durable(theirs))).toEqual({ stored: true })
  })

  test('an end stands over what waits here, silently where the session is over, told where it goes on under another token', async () => {
    const heard = forks()
    for (const successor of [undefined, { id: anyKey(), signIn: true }]) {
      key = anyKey()
      const node = backedUpNode(backup)
      const first = await shared(node)
      const ours = liveOn(first)
      await node.store.put(key, ours, plain(first))
      const ended = await elsewhere(first, endOf(first, successor))
      await pass(1_000)
      expect(await versionAt(node.store)).toBe(ended.version)
      expect(await versionAt(backup)).toBe(ended.version)
      expect(heard.splice(0)).toEqual(successor === undefined ? [] : [{ id: key, kept: ended.version, lost: ours.version }])
    }
  })

  test('is seen by the first read after `revalidate`, and not asked for before', async () => {
    const node = backedUpNode(backup, { revalidate: 10_000 })
    const first = await shared(node)
    const ended = await elsewhere(first, endOf(first))
    await pass(9_999)
    expect(await versionAt(node.store)).toBe(first.version)
    expect(node.asked()).toEqual([])
    await pass(1)
    expect(await versionAt(node.store)).toBe(ended.version)
    expect(await versionAt(node.local)).toBe(ended.version)
  })

  test('is seen by a fresh read, and by one of at least its version, at once', async () => {
    const node = backedUpNode(backup)
    const first = await shared(node)
    const second = await elsewhere(first)
    expect((await node.store.get(key, { atLeast: second.version }))?.version).toBe(second.version)
    const third = await elsewhere(second)
    expect((await node.store.get(key, { fresh: true }))?.version).toBe(third.version)
  })

  test('is seen as soon as the backup tells of it; what is our own, or old, is no news', async () => {
    const telling = announcingStore(backup)
    backup = telling
    const node = backedUpNode(telling)
    const first = await shared(node)
    const second = liveOn(first)
    await node.store.put(key, second, durable(first))
    telling.tell({ key, version: first.version })
    node.asked()
    expect(await versionAt(node.store)).toBe(second.version)
    expect(node.asked()).toEqual([])
    const ended = await elsewhere(second, endOf(second))
    expect(await versionAt(node.store)).toBe(ended.version)
    telling.tell('lost')
    node.asked()
    await node.store.get(key)
    expect(node.asked()).toEqual(['get'])
  })

  test('an answer that was under way when news of a change came is not taken for the newest', async () => {
    const telling = announcingStore(backup)
    backup = telling
    const node = backedUpNode(telling, { revalidate: 1_000 })
    const first = await shared(node)
    await pass(1_001)
    const open = deferred()
    const slow = telling.get
    let answers = 0
    vi.spyOn(node.way, 'get').mockImplementation(async (at, options) => {
      const answer = await slow(at, options)
      if (answers++ === 0) await open.promise
      return answer
    })
    const reading = node.store.get(key)
    await pass(1)
    const ended = await elsewhere(first, endOf(first))
    open.resolve()
    expect((await reading)?.version).toBe(ended.version)
  })
})

describe('reads', () => {
  test('of what is here cost the backup nothing, of what is not, one question', async () => {
    const node = backedUpNode(backup)
    const first = await elsewhere(null)
    expect(await Promise.all([versionAt(node.store), versionAt(node.store)])).toEqual([first.version, first.version])
    expect(await versionAt(node.store)).toBe(first.version)
    expect(node.asked()).toEqual(['get'])
  })

  test('are answered from here when the backup has been silent for `backupTimeout`, and then at once', async () => {
    const node = backedUpNode(backup, { revalidate: 0, backupTimeout: 80 })
    const first = await shared(node)
    node.way.fault = () => 'hang'
    const reading = node.store.get(key)
    await pass(80 + 50)
    expect((await reading)?.version).toBe(first.version)
    node.asked()
    expect(await versionAt(node.store)).toBe(first.version)
    expect(node.asked()).toEqual([])
  })

  test('nobody waits for 500 ms after the backup was silent', async () => {
    const node = backedUpNode(backup, { revalidate: 0 })
    const first = await shared(node)
    node.way.fault = () => 'fail'
    await node.store.get(key)
    node.asked()
    await pass(499)
    expect(await versionAt(node.store)).toBe(first.version)
    expect(node.asked()).toEqual([])
    await pass(1)
    await Promise.all([node.store.get(key), node.store.get(key), node.store.get(key)])
    expect(node.asked()).toEqual(['get'])
  })

  test('that need more than is here reject while the backup is silent', async () => {
    const node = backedUpNode(backup)
    const first = await shared(node)
    node.way.fault = () => 'fail'
    const newer = liveOn(first).version
    for (const [at, options] of [
      [anyKey(), {}],
      [key, { fresh: true }],
      [key, { atLeast: newer }],
    ] as const)
      expect((await failureOf(node.store.get(at, options))).code).toBe('ERR_UNAVAILABLE')
    expect((await node.store.getStale?.(key))?.version).toBe(first.version)
    expect(await node.store.getStale?.(key, { atLeast: newer })).toBeNull()
  })

  test('what the backup has lost is copied there again: a live session, a change, an end', async () => {
    const node = backedUpNode(backup, { revalidate: 1_000 })
    const first = await shared(node)
    const second = liveOn(first)
    await node.store.put(key, second, durable(first))
    for (const left of [null, first]) {
      await backup.delete(key)
      if (left !== null) await elsewhere(null, left)
      await pass(1_001)
      expect(await versionAt(node.store)).toBe(second.version)
      await pass(1_000)
      expect(await versionAt(backup)).toBe(second.version)
    }
    const ended = endOf(second)
    await node.store.put(key, ended, durable(second))
    await backup.delete(key)
    await elsewhere(null, second)
    await pass(1_001)
    expect(await versionAt(node.store)).toBe(ended.version)
    await pass(1_000)
    expect(await versionAt(backup)).toBe(ended.version)
  })

  test('an ended session stays ended here, whatever the backup says', async () => {
    const node = backedUpNode(backup, { revalidate: 0 })
    const first = await shared(node)
    const ended = endOf(first)
    await node.store.put(key, ended, durable(first))
    await backup.delete(key)
    await elsewhere(null, liveOn(liveOn(liveOn(first))))
    expect(await versionAt(node.store)).toBe(ended.version)
    await pass(1_000)
    expect(await versionAt(backup)).toBe(ended.version)
  })

  test('of two deadlines of one version the later one counts, on both sides', async () => {
    const node = backedUpNode(backup, { revalidate: 0 })
    const first = await shared(node)
    await backup.touch(key, first.expiresAt + 1_000)
    expect((await node.store.get(key))?.expiresAt).toBe(first.expiresAt + 1_000)
    expect((await node.local.get(key))?.expiresAt).toBe(first.expiresAt + 1_000)
    await node.local.touch(key, first.expiresAt + 2_000)
    expect((await node.store.get(key))?.expiresAt).toBe(first.expiresAt + 2_000)
    await pass(1_000)
    expect((await backup.get(key))?.expiresAt).toBe(first.expiresAt + 2_000)
  })
})

describe('touch', () => {
  test('is here at once, and in the backup behind', async () => {
    const node = backedUpNode(backup)
    const first = await shared(node)
    expect(await node.store.touch(key, first.expiresAt + 1_000)).toBe(true)
    expect(node.asked()).toEqual([])
    await pass(1_000)
    expect(node.asked()).toEqual(['touch'])
    expect((await backup.get(key))?.expiresAt).toBe(first.expiresAt + 1_000)
  })

  test('goes along with a change that waits', async () => {
    const node = backedUpNode(backup)
    const first = await shared(node)
    const second = liveOn(first)
    await node.store.put(key, second, plain(first))
    await node.store.touch(key, second.expiresAt + 1_000)
    await pass(1_000)
    expect(node.asked()).toEqual(['put'])
    expect((await backup.get(key))?.expiresAt).toBe(second.expiresAt + 1_000)
  })

  test('of a session that was ended elsewhere finds that out', async () => {
    const node = backedUpNode(backup)
    const first = await shared(node)
    const ended = await elsewhere(first, endOf(first))
    await node.store.touch(key, first.expiresAt + 1_000)
    await pass(1_000)
    expect(await versionAt(node.local)).toBe(ended.version)
    expect(await node.store.touch(key, first.expiresAt + 2_000)).toBe(false)
  })

  test("of one that is not here is the backup's", async () => {
    const node = backedUpNode(backup)
    const first = await elsewhere(null)
    expect(await node.store.touch(key, first.expiresAt + 1_000)).toBe(true)
    expect(await node.store.touch(anyKey(), first.expiresAt + 1_000)).toBe(false)
    expect((await backup.get(key))?.expiresAt).toBe(first.expiresAt + 1_000)
  })
})
