import { expect, onTestFinished, test } from 'vitest'
import type { SessionStore } from '../../record/store.ts'
import { memoryStore } from '../../stores/memory/memory-store.ts'
import { announcingStore, type AnnouncingStore } from '../../testing/announcing-store.ts'
import { anyKey, anyRecord } from '../../testing/any-record.ts'
import { changeLog } from '../../testing/change-log.ts'
import { ring } from './ring.ts'
import type { RingNode, RingOptions, RingStore } from './ring-options.ts'

function telling(): AnnouncingStore {
  return announcingStore(memoryStore())
}

function nodesOf(stores: Readonly<Record<string, SessionStore>>): RingNode[] {
  return Object.entries(stores).map(([name, store]) => ({ name, store }))
}

function open(stores: Readonly<Record<string, SessionStore>>, options: RingOptions = {}): RingStore {
  const store = ring(nodesOf(stores), options)
  onTestFinished(() => store.close?.())
  return store
}

test('a change is told, by each node that has it', async () => {
  const store = open({ a: telling(), b: telling(), c: telling() }, { copies: 2 })
  const log = changeLog(store)
  const [key, record] = [anyKey(), anyRecord()]
  await store.put(key, record, { expected: null })
  const change = { key, version: record.version }
  expect(log.all.filter((told) => told !== 'lost' && told.key === key)).toEqual([change, change])
})

test('that something was lost on one node is told', () => {
  const [a, b] = [telling(), telling()]
  const log = changeLog(open({ a, b }))
  b.tell('lost')
  expect(log.all).toEqual(['lost'])
})

test('the nodes are listened to while somebody listens to the ring, and once for all who do', async () => {
  const [a, b] = [telling(), telling()]
  const store = open({ a, b })
  const counts = (): number[] => [a.listeners, b.listeners]
  expect(counts()).toEqual([0, 0])
  const logs = [changeLog(store), changeLog(store)]
  expect(counts()).toEqual([1, 1])
  logs[0]!.stop()
  expect(counts()).toEqual([1, 1])
  logs[1]!.stop()
  expect(counts()).toEqual([0, 0])
  changeLog(store)
  await store.close?.()
  expect(counts()).toEqual([0, 0])
})

test('where one of the nodes that it begins with cannot tell, the ring cannot', () => {
  expect(open({ a: telling(), b: memoryStore() }).onChange).toBeUndefined()
})

test('a node that comes is listened to, and news of before are lost; one that stays goes on, and one that is gone is left alone', async () => {
  const [a, b, c] = [telling(), telling(), telling()]
  const store = open({ a, b }, { longestLifetime: 0 })
  const log = changeLog(store)
  await store.get(anyKey())
  store.setNodes(nodesOf({ b, c }))
  expect(log.lost).toBe(1)
  c.tell({ key: 'c', version: '1' })
  b.tell({ key: 'b', version: '1' })
  expect(log.all.slice(-2)).toEqual([
    { key: 'c', version: '1' },
    { key: 'b', version: '1' },
  ])
  // It is let go of by a call that comes across it.
  await expect.poll(async () => (await store.get(anyKey())) ?? a.listeners).toBe(0)
  expect([b.listeners, c.listeners]).toEqual([1, 1])
})

test('a node that comes and cannot tell is told as lost', () => {
  const [a, b] = [telling(), memoryStore()]
  const store = open({ a })
  const log = changeLog(store)
  store.setNodes(nodesOf({ a, b }))
  expect(log.all).toEqual(['lost'])
})
