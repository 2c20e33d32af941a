import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { memoryStore } from '../../stores/memory/memory-store.ts'
import { anyKey, anyRecord } from '../../testing/any-record.ts'
import { faultyStore, type FaultyStore } from '../../testing/faulty-store.ts'
import { sameKeys } from '../../testing/same-keys.ts'
import type { SessionStore } from '../../record/store.ts'
import { ring } from './ring.ts'
import type { RingNode, RingOptions, RingStore } from './ring-options.ts'

let memories: Map<string, SessionStore>
let ways: Map<string, FaultyStore>
let closed: string[]

beforeEach(() => {
  memories = new Map()
  ways = new Map()
  closed = []
})

function node(name: string): RingNode {
  const memory = memories.get(name) ?? memoryStore()
  memories.set(name, memory)
  const way = faultyStore({ ...memory, close: async () => void closed.push(name) })
  ways.set(name, way)
  return { name, store: way }
}

const nodes = (names: string): RingNode[] => [...names].map(node)

function open(names: string, options: RingOptions = {}): RingStore {
  const store = ring(nodes(names), options)
  onTestFinished(() => store.close?.())
  return store
}

async function fill(store: RingStore, count = 300): Promise<Map<string, string>> {
  const versions = new Map<string, string>()
  for (const key of sameKeys(count)) {
    const record = anyRecord()
    await store.put(key, record, { expected: null })
    versions.set(key, record.version)
  }
  return versions
}

async function lost(store: RingStore, versions: Map<string, string>): Promise<number> {
  let missing = 0
  for (const [key, version] of versions) if ((await store.get(key))?.version !== version) missing += 1
  return missing
}

async function held(name: string, versions: Map<string, string>): Promise<number> {
  const found = await Promise.all([...versions.keys()].map((key) => memories.get(name)!.get(key)))
  return found.filter((record) => record !== null).length
}

describe.each([1, 2])('with %i copies', (copies) => {
  test('F29: a node that is added takes about its share, and no session is lost', async () => {
    const store = open('abc', { copies, settleFor: 0 })
    const versions = await fill(store)
    store.setNodes(nodes('abcd'))
    expect(await lost(store, versions)).toBe(0)
    // By now each was read, and what belongs to the new node is there.
    const share = (await held('d', versions)) / versions.size
    expect(share).toBeGreaterThan((copies / 4) * 0.7)
    expect(share).toBeLessThan((copies / 4) * 1.3)
  })

  test('F29: a node that is taken out is asked for what it has, and no session is lost', async () => {
    const store = open('abc', { copies, settleFor: 0 })
    const versions = await fill(store)
    store.setNodes(nodes('bc'))
    expect(store.nodes()).toContainEqual(expect.objectContaining({ name: 'a', state: 'leaving' }))
    expect(await lost(store, versions)).toBe(0)
    // Whatever was read has moved.
    store.setNodes(nodes('bc'))
    expect((await held('b', versions)) + (await held('c', versions))).toBeGreaterThanOrEqual(versions.size)
  })

  test('a change is found by a process that has not heard of the new node', async () => {
    const [one, other] = [open('abc', { copies }), open('abc', { copies })]
    const versions = await fill(one)
    one.setNodes(nodes('abcd'))
    for (const [key, version] of versions) {
      const [first, second] = [anyRecord(version), anyRecord(version)]
      expect((await one.put(key, first, { expected: version })).stored).toBe(true)
      expect((await other.get(key))?.version).toBe(first.version)
      expect((await other.put(key, second, { expected: version })).stored).toBe(false)
    }
  })

  test('and one that starts with the new node finds what the others have stored before', async () => {
    const versions = await fill(open('abc', { copies, settleFor: 0 }))
    expect(await lost(open('abcd', { copies, settleFor: 0 }), versions)).toBe(0)
  })
})

test('a node that left long ago and comes again is behind', async () => {
  const store = open('abc', { longestLifetime: 0, settleFor: 0 })
  const versions = await fill(store, 50)
  store.setNodes(nodes('ab'))
  for (const [key, version] of versions) await store.put(key, anyRecord(version), { expected: version })
  store.setNodes(nodes('abc'))
  const behind = await lost(store, versions)
  expect(behind).toBe(versions.size)
})

test('until it has settled, a new node decides nothing', async () => {
  const store = open('a', { settleFor: 60_000 })
  const versions = await fill(store, 50)
  const first = ways.get('a')!
  store.setNodes([...nodes('a'), node('b')])
  const second = ways.get('b')!
  const asked: string[] = []
  first.fault = ({ method }) => void (method === 'put' && asked.push('a'))
  second.fault = ({ method }) => void (method === 'put' && asked.push('b'))
  const firstAsked: (string | undefined)[] = []
  for (const [key, version] of versions) {
    asked.length = 0
    await store.put(key, anyRecord(version), { expected: version })
    firstAsked.push(asked[0])
  }
  expect(new Set(firstAsked)).toEqual(new Set(['a']))
  expect(await held('b', versions)).toBeGreaterThan(0)
})

test('those that stay keep their store; the stores of those that do not are closed', async () => {
  const store = open('abc')
  await store.get(anyKey())
  store.setNodes(nodes('abd'))
  expect(closed).toEqual(['a', 'b'])
  await store.close?.()
  expect(closed.toSorted()).toEqual(['a', 'a', 'b', 'b', 'c', 'd'])
})

test('one that is taken out while it is down is gone at once', async () => {
  const store = open('abc', { copies: 2, ejectAfter: 1 })
  const versions = await fill(store, 60)
  ways.get('a')!.fault = () => 'fail'
  await lost(store, versions)
  await vi.waitFor(() => expect(store.nodes()[0]!.state).toBe('down'), { timeout: 10_000 })
  store.setNodes(nodes('bc'))
  expect(store.nodes().map(({ name }) => name)).toEqual(['b', 'c'])
  expect(await lost(store, versions)).toBe(0)
})

test('a node with twice the weight has twice the sessions', async () => {
  const [a, b, c] = nodes('abc') as [RingNode, RingNode, RingNode]
  const store = ring([{ ...a, weight: 2 }, b, c])
  onTestFinished(() => store.close?.())
  const versions = await fill(store, 600)
  const counts = await Promise.all(['a', 'b', 'c'].map((name) => held(name, versions)))
  expect(counts[0]! / versions.size).toBeGreaterThan(0.42)
  expect(counts[0]! / versions.size).toBeLessThan(0.58)
})

test.each([1, 2])('weights that change lose no session, with %i copies', async (copies) => {
  const names = copies === 1 ? 'abc' : 'abcd'
  const store = open(names, { copies, settleFor: 0 })
  const versions = await fill(store)
  const weigh = (name: string, weight: number): void =>
    store.setNodes(nodes(names).map((each) => (each.name === name ? Object.assign(each, { weight }) : each)))
  weigh('b', 3)
  expect(await lost(store, versions)).toBe(0)
  weigh('c', 5)
  expect(await lost(store, versions)).toBe(0)
})

test('processes that begin a ring at the same moment agree on who was there from the beginning', async () => {
  for (let round = 0; round < 20; round += 1) {
    memories.clear()
    const stores = ['abc', 'abc', 'abc'].map((names) => {
      const store = open(names)
      for (const way of ways.values()) way.fault = () => randomInt(4)
      return store
    })
    await Promise.all(
      stores.map(async (store, place) => {
        await sleep(place * 2)
        await store.get(anyKey())
      }),
    )
    const versions = await fill(stores[0] as RingStore, 5)
    for (const store of stores)
      for (const [key, version] of versions) {
        const record = anyRecord(version)
        expect(await store.put(key, record, { expected: version })).toEqual({ stored: true })
        versions.set(key, record.version)
      }
    // One copy is one copy, whoever writes.
    const counts = await Promise.all(['a', 'b', 'c'].map((name) => held(name, versions)))
    expect(counts.reduce((sum, count) => sum + count)).toBe(versions.size)
  }
})
