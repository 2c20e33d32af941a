import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { sessionError } from '../../errors.ts'
import { onSessionEvent, type SessionEvents } from '../../events.ts'
import type { SessionStore, StoredRecord } from '../../record/store.ts'
import { endedVersion } from '../../record/version.ts'
import { memoryStore } from '../../stores/memory/memory-store.ts'
import { anyKey, anyRecord } from '../../testing/any-record.ts'
import { failureOf } from '../../testing/failure-of.ts'
import { faultyStore, type Fault, type FaultyStore } from '../../testing/faulty-store.ts'
import { rendezvous } from './rendezvous.ts'
import { ring } from './ring.ts'
import type { RingOptions, RingStore } from './ring-options.ts'

/** A node's memory, which outlives any ring, and the ways to it: one for each process. */
interface Machine {
  readonly name: string
  memory: SessionStore
  fault: Fault
}

const names = ['a', 'b', 'c', 'd']
let machines: Machine[]
let ways: Map<string, FaultyStore>

beforeEach(() => {
  machines = names.map((name) => ({ name, memory: memoryStore(), fault: undefined }))
  ways = new Map()
})

function process(options: RingOptions = {}, of = ['a', 'b', 'c']): RingStore {
  const store = ring(
    of.map((name) => ({ name, store: wayTo(name) })),
    { copies: 2, ejectAfter: 100, ...options },
  )
  onTestFinished(() => store.close?.())
  return store
}

function wayTo(name: string): SessionStore {
  const machine = machineOf(name)
  const way = faultyStore({
    get: (...args) => machine.memory.get(...args),
    put: (...args) => machine.memory.put(...args),
    touch: (...args) => machine.memory.touch(...args),
    delete: (...args) => machine.memory.delete(...args),
  })
  way.fault = () => machine.fault
  ways.set(name, way)
  return way
}

function machineOf(name: string): Machine {
  return machines.find((machine) => machine.name === name)!
}

function restartEmpty(name: string): void {
  machineOf(name).memory = memoryStore()
}

/** A key whose owners are these, in this order. */
function keyOf(order: string, of = ['a', 'b', 'c']): string {
  const inOrder = rendezvous(of.map((name) => ({ name, weight: 1 })))
  for (;;) {
    const key = anyKey()
    const found = inOrder(key)
      .map(({ name }) => name)
      .join('')
    if (found.startsWith(order)) return key
  }
}

async function until(store: RingStore, name: string, state: string): Promise<void> {
  await vi.waitFor(() => expect(store.nodes().find((node) => node.name === name)?.state).toBe(state), { timeout: 5_000, interval: 5 })
}

function ended(over: StoredRecord): StoredRecord {
  return { version: endedVersion(over.version, { endedAt: Date.now() }), expiresAt: over.expiresAt, value: new Uint8Array() }
}

function heard<Name extends keyof SessionEvents>(name: Name): SessionEvents[Name][] {
  const events: SessionEvents[Name][] = []
  onTestFinished(onSessionEvent(name, (event) => void events.push(event)))
  return events
}

async function stored(store: RingStore, key: string): Promise<StoredRecord> {
  const record = anyRecord()
  await store.put(key, record, { expected: null })
  return record
}

const versionAt = async (name: string, key: string): Promise<string | undefined> => (await machineOf(name).memory.get(key))?.version

describe('two copies', () => {
  test('are on the first two nodes of a key, and no more', async () => {
    const store = process()
    const key = keyOf('ab')
    const { version } = await stored(store, key)
    expect([await versionAt('a', key), await versionAt('b', key), await versionAt('c', key)]).toEqual([version, version, undefined])
  })

  test.each(['fail', 'hang'] as const)('F25, F26: a node that begins to %s costs neither a read nor a change', async (fault) => {
    const store = process()
    const key = keyOf('ab')
    const first = await stored(store, key)
    machineOf('a').fault = fault
    expect((await store.get(key))?.version).toBe(first.version)
    const second = anyRecord(first.version)
    expect(await store.put(key, second, { expected: first.version })).toEqual({ stored: true })
    await until(store, 'a', 'down')
    expect((await store.get(key))?.version).toBe(second.version)
    expect(await store.touch(key, second.expiresAt + 1_000)).toBe(true)
    const third = anyRecord(second.version)
    expect(await store.put(key, third, { expected: second.version })).toEqual({ stored: true })
    // In its place the next one has a copy.
    expect([await versionAt('b', key), await versionAt('c', key)]).toEqual([third.version, third.version])
    machineOf('b').fault = 'fail'
    await store.get(key).catch(() => null)
    await until(store, 'b', 'down')
    expect((await store.get(key))?.version).toBe(third.version)
  })

  test('once it is known that a node does not answer, it is not asked', async () => {
    const store = process()
    const key = keyOf('ab')
    await stored(store, key)
    machineOf('a').fault = 'hang'
    await store.get(key)
    await until(store, 'a', 'down')
    const before = ways.get('a')!.calls.filter((call) => call.key === key).length
    for (let read = 0; read < 20; read += 1) await store.get(key)
    expect(ways.get('a')!.calls.filter((call) => call.key === key)).toHaveLength(before)
  })

  test('F27: a node that restarts empty is answered for by the other one, and gets its copy back', async () => {
    const store = process()
    const repairs = heard('repair')
    const key = keyOf('ab')
    const { version } = await stored(store, key)
    restartEmpty('a')
    expect((await store.get(key))?.version).toBe(version)
    await vi.waitFor(async () => expect(await versionAt('a', key)).toBe(version), { timeout: 10_000 })
    expect(repairs).toEqual([{ id: key, node: 'a', found: null, version }])
    restartEmpty('b')
    expect((await store.get(key))?.version).toBe(version)
  })

  test('a change finds the version it expects although the node that decides has restarted empty', async () => {
    const store = process()
    const key = keyOf('ab')
    const first = await stored(store, key)
    restartEmpty('a')
    const second = anyRecord(first.version)
    expect(await store.put(key, second, { expected: first.version })).toEqual({ stored: true })
    expect([await versionAt('a', key), await versionAt('b', key)]).toEqual([second.version, second.version])
  })

  test('what a node has missed is handed to it before it is used again', async () => {
    const store = process()
    const key = keyOf('ab')
    const first = await stored(store, key)
    machineOf('b').fault = 'fail'
    const second = anyRecord(first.version)
    await store.put(key, second, { expected: first.version })
    await until(store, 'b', 'down')
    expect(store.nodes().find(({ name }) => name === 'b')).toMatchObject({ handOff: 1, reason: expect.stringContaining('faultyStore') })
    machineOf('b').fault = undefined
    await until(store, 'b', 'up')
    expect(await versionAt('b', key)).toBe(second.version)
  })

  describe('F31: a node that comes back with what it had', () => {
    /** A change, or an end, that `a` has missed, and that no process is left to hand it. */
    async function missed(make: (over: StoredRecord) => StoredRecord): Promise<{ key: string; record: StoredRecord }> {
      const store = process()
      const key = keyOf('ab')
      const first = await stored(store, key)
      machineOf('a').fault = 'hang'
      await store.get(key)
      await until(store, 'a', 'down')
      const record = make(first)
      expect(await store.put(key, record, { expected: first.version })).toEqual({ stored: true })
      await store.close?.()
      return { key, record }
    }

    test.each([
      ['a change', (over: StoredRecord) => anyRecord(over.version)],
      ['a sign-out', ended],
    ])('the newest wins: %s', async (_, make) => {
      const watching = process()
      await watching.get(anyKey())
      const { key, record } = await missed(make)
      machineOf('a').fault = undefined
      // One that saw it go, and one that comes after.
      for (const store of [watching, process()]) expect((await store.get(key))?.version).toBe(record.version)
      await vi.waitFor(async () => expect(await versionAt('a', key)).toBe(record.version), { timeout: 10_000 })
    })

    test('and it decides nothing by what it had', async () => {
      const { key, record } = await missed((over) => anyRecord(over.version))
      machineOf('a').fault = undefined
      const next = anyRecord(record.version)
      expect(await process().put(key, next, { expected: record.version })).toEqual({ stored: true })
      expect([await versionAt('a', key), await versionAt('b', key)]).toEqual([next.version, next.version])
    })

    test('a change that was built on what it had is refused, and the session stays ended', async () => {
      const { key, record } = await missed(ended)
      machineOf('a').fault = undefined
      const before = (await machineOf('a').memory.get(key))!
      const result = await process().put(key, anyRecord(before.version), { expected: before.version })
      expect(result).toMatchObject({ stored: false, current: { version: record.version } })
      expect(await versionAt('a', key)).toBe(record.version)
    })

    test('what was destroyed stays dead while the node that knows of it is down: the copy taken in its place answers', async () => {
      const watching = process()
      await watching.get(anyKey())
      const key = keyOf('ab')
      const first = await stored(watching, key)
      machineOf('a').fault = 'hang'
      await watching.get(key)
      await until(watching, 'a', 'down')
      const end = ended(first)
      await watching.put(key, end, { expected: first.version })
      // Its list of what `a` has missed is gone with the process that did it.
      const witness = process()
      await witness.get(anyKey()).catch(() => null)
      await until(witness, 'a', 'down')
      await watching.close?.()
      machineOf('a').fault = undefined
      await until(witness, 'a', 'up')
      machineOf('b').fault = 'fail'
      await witness.get(keyOf('b')).catch(() => null)
      await until(witness, 'b', 'down')
      expect((await witness.get(key))?.version).toBe(end.version)
      const later = process()
      expect((await later.get(key))?.version).toBe(end.version)
    })

    test('while others may have yet to hand it what it has missed, there is no answer rather than an old one', async () => {
      const witness = process({}, ['a', 'b'])
      const key = keyOf('ab', ['a', 'b'])
      const first = await stored(witness, key)
      machineOf('a').fault = 'hang'
      await witness.get(key)
      await until(witness, 'a', 'down')
      const other = process({}, ['a', 'b'])
      const end = ended(first)
      await other.put(key, end, { expected: first.version })
      await other.close?.()
      machineOf('a').fault = undefined
      await until(witness, 'a', 'up')
      machineOf('b').fault = 'fail'
      await witness.get(key).catch(() => null)
      await until(witness, 'b', 'down')
      expect(await failureOf(witness.get(key))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
    })
  })

  test('a node that has just come back does not say that there is none while the other one is down', async () => {
    const [store, other] = [process({}, ['a', 'b']), process({}, ['a', 'b'])]
    await Promise.all([store.get(anyKey()), other.get(anyKey())])
    machineOf('a').fault = 'hang'
    for (const each of [store, other]) {
      await each.get(anyKey()).catch(() => null)
      await until(each, 'a', 'down')
    }
    // Only `b` has it, and the other process is to hand it to `a`.
    const key = keyOf('ab', ['a', 'b'])
    const record = await stored(other, key)
    await other.close?.()
    machineOf('a').fault = undefined
    await until(store, 'a', 'up')
    machineOf('b').fault = 'fail'
    await store.get(anyKey()).catch(() => null)
    await until(store, 'b', 'down')
    expect(await failureOf(store.get(key))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
    const change = store.put(key, anyRecord(record.version), { expected: record.version })
    expect(await failureOf(change)).toMatchObject({ code: 'ERR_UNAVAILABLE' })
  })

  test('of two nodes that restart empty one after the other, each answers for the other', async () => {
    const store = process({ settleFor: 50 }, ['a', 'b'])
    const key = keyOf('ab', ['a', 'b'])
    const { version } = await stored(store, key)
    for (const [down, other] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      machineOf(down).fault = 'fail'
      expect((await store.get(key))?.version).toBe(version)
      await until(store, down, 'down')
      expect((await store.get(key))?.version).toBe(version)
      restartEmpty(down)
      machineOf(down).fault = undefined
      await until(store, down, 'up')
      await store.get(key)
      await vi.waitFor(async () => expect([await versionAt(down, key), await versionAt(other, key)]).toEqual([version, version]), {
        timeout: 10_000,
      })
      await sleep(60)
    }
  })

  test('the event `node` tells of each, and whether it kept its memory', async () => {
    const store = process()
    await store.get(anyKey())
    const events = heard('node')
    machineOf('c').fault = 'fail'
    await store.get(keyOf('c')).catch(() => null)
    await until(store, 'c', 'down')
    restartEmpty('c')
    machineOf('c').fault = undefined
    await until(store, 'c', 'up')
    expect(events.map(({ node, state, memory }) => [node, state, memory])).toEqual([
      ['c', 'doubtful', undefined],
      ['c', 'down', undefined],
      ['c', 'up', 'lost'],
    ])
  })
})

describe('what cannot be told is never "none"', () => {
  test('while a node that may have it is only doubtful', async () => {
    const store = process({ ejectAfter: 60_000 })
    const key = keyOf('ab')
    await stored(store, key)
    restartEmpty('b')
    machineOf('a').fault = 'hang'
    expect(await failureOf(store.get(key))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
  })

  test('F50: one copy, its node down: missing once it is, unavailable before, and nobody else notices', async () => {
    const store = process({ copies: 1 })
    const [lost, other] = [keyOf('a'), keyOf('b')]
    await stored(store, lost)
    const { version } = await stored(store, other)
    machineOf('a').fault = 'fail'
    expect(await failureOf(store.get(lost))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
    expect((await store.get(other))?.version).toBe(version)
    await until(store, 'a', 'down')
    expect(await store.get(lost)).toBeNull()
    const fresh = keyOf('a')
    const record = await stored(store, fresh)
    expect((await store.get(fresh))?.version).toBe(record.version)
  })

  test("onNodeDown: 'unavailable': 503 until it is back", async () => {
    const store = process({ copies: 1, onNodeDown: 'unavailable' })
    const key = keyOf('a')
    const { version } = await stored(store, key)
    machineOf('a').fault = 'fail'
    await store.get(key).catch(() => null)
    await until(store, 'a', 'down')
    expect(await failureOf(store.get(key))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
    expect(await failureOf(store.put(keyOf('a'), anyRecord(), { expected: null }))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
    machineOf('a').fault = undefined
    await until(store, 'a', 'up')
    expect((await store.get(key))?.version).toBe(version)
  })

  test("onNodeDown: 'unavailable', two copies: the other one answers, and takes changes", async () => {
    const store = process({ onNodeDown: 'unavailable' }, ['a', 'b'])
    const key = keyOf('ab', ['a', 'b'])
    const first = await stored(store, key)
    machineOf('a').fault = 'fail'
    await store.get(key)
    await until(store, 'a', 'down')
    expect((await store.get(key))?.version).toBe(first.version)
    expect(await store.put(key, anyRecord(first.version), { expected: first.version })).toEqual({ stored: true })
  })

  test('when all are away', async () => {
    const store = process()
    for (const machine of machines) machine.fault = 'fail'
    const key = anyKey()
    for (const call of [
      store.get(key),
      store.put(key, anyRecord(), { expected: null }),
      store.touch(key, Date.now() + 1_000),
      store.delete(key),
    ])
      expect(await failureOf(call)).toMatchObject({ code: 'ERR_UNAVAILABLE' })
    for (const name of ['a', 'b', 'c']) await until(store, name, 'down')
    expect(await failureOf(store.get(key))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
    expect(await failureOf(store.put(key, anyRecord(), { expected: null }))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
  })
})

test('a put whose answer is lost on the node that decides counts as stored where the next one stores it', async () => {
  const store = process()
  const key = keyOf('ab')
  const first = await stored(store, key)
  machineOf('a').fault = 'swallow'
  const second = anyRecord(first.version)
  expect(await store.put(key, second, { expected: first.version })).toEqual({ stored: true })
  machineOf('a').fault = undefined
  await until(store, 'a', 'up')
  expect([await versionAt('a', key), await versionAt('b', key)]).toEqual([second.version, second.version])
})

test('and stays unknown where the next one has something else by then, which may hold ours', async () => {
  const store = process()
  const key = keyOf('ab')
  const first = await stored(store, key)
  machineOf('a').fault = 'swallow'
  const second = anyRecord(first.version)
  await machineOf('b').memory.put(key, anyRecord(second.version), { expected: first.version })
  expect(await failureOf(store.put(key, second, { expected: first.version }))).toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
})

test('two processes that disagree about which nodes are up: the higher version wins on all nodes, and `fork` tells', async () => {
  const [one, other] = [process(), process()]
  const forks = heard('fork')
  const key = keyOf('ab')
  const first = await stored(one, key)
  await other.get(key)
  // Each has stored one on its own decider, at the same moment.
  const [mine, theirs] = [anyRecord(first.version), anyRecord(first.version)]
  await machineOf('a').memory.put(key, mine, { expected: first.version })
  await machineOf('b').memory.put(key, theirs, { expected: first.version })
  const [lost, kept] = [mine.version, theirs.version].toSorted()
  expect((await one.get(key))?.version).toBe(kept)
  await vi.waitFor(async () => expect([await versionAt('a', key), await versionAt('b', key)]).toEqual([kept, kept]), { timeout: 10_000 })
  expect(forks).toEqual([{ id: key, kept, lost }])
})

test('F12: with a freshness cookie an older copy is no answer while the other one does not answer', async () => {
  const store = process({ ejectAfter: 60_000 })
  const key = keyOf('ab')
  const first = await stored(store, key)
  const second = anyRecord(first.version)
  await machineOf('b').memory.put(key, second, { expected: first.version })
  machineOf('b').fault = 'hang'
  expect(await failureOf(store.get(key, { atLeast: second.version }))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
  machineOf('b').fault = undefined
  await until(store, 'b', 'up')
  expect((await store.get(key, { atLeast: second.version }))?.version).toBe(second.version)
})

test('equal versions: the later deadline wins, and is repaired', async () => {
  const store = process()
  const key = keyOf('ab')
  const first = await stored(store, key)
  const later = first.expiresAt + 60_000
  await machineOf('b').memory.touch(key, later)
  expect((await store.get(key))?.expiresAt).toBe(later)
  await vi.waitFor(async () => expect((await machineOf('a').memory.get(key))?.expiresAt).toBe(later), { timeout: 10_000 })
})

test('a touch finds the session ended on one of them', async () => {
  const store = process()
  const key = keyOf('ab')
  const first = await stored(store, key)
  await machineOf('b').memory.put(key, ended(first), { expected: first.version })
  expect(await store.touch(key, first.expiresAt + 1_000)).toBe(false)
})

test('a node that could not be reached when the ring began, and has nothing, was there from the beginning', async () => {
  for (const machine of machines) machine.fault = 'fail'
  const store = process()
  await store.get(anyKey()).catch(() => null)
  for (const machine of machines) machine.fault = undefined
  for (const name of ['a', 'b', 'c']) await until(store, name, 'up')
  // Or all of them would be asked for each key, for as long as a session can live.
  const key = keyOf('ab')
  await stored(store, key)
  expect(await versionAt('c', key)).toBeUndefined()
})

test('a busy process is not a dead node', async () => {
  const store = process({ nodeTimeout: 50 })
  const key = anyKey()
  await stored(store, key)
  const events = heard('node')
  machineOf('a').fault = machineOf('b').fault = machineOf('c').fault = 10
  const reads = Array.from({ length: 20 }, () => store.get(key))
  const stallUntil = performance.now() + 300
  while (performance.now() < stallUntil);
  await Promise.all(reads)
  await sleep(100)
  expect(events).toEqual([])
})

describe('a node that refuses changes', () => {
  /** Full, say: it answers reads. */
  function refuse(name: string): () => void {
    const machine = machineOf(name)
    const { memory } = machine
    machine.memory = {
      ...memory,
      put: () => Promise.reject(sessionError('ERR_REFUSED', 'It is full.')),
      touch: () => Promise.reject(sessionError('ERR_REFUSED', 'It is full.')),
    }
    return () => void (machine.memory = memory)
  }

  test('is given what it has refused as soon as it takes it, and until then it is known to be behind', async () => {
    const store = process()
    const key = keyOf('ab')
    const first = await stored(store, key)
    const takesAgain = refuse('a')
    const end = ended(first)
    expect(await store.put(key, end, { expected: first.version })).toEqual({ stored: true })
    expect(await versionAt('a', key)).toBe(first.version)
    // What it has is not believed where the other one is silent.
    machineOf('b').fault = 'hang'
    expect(await store.get(key).catch(() => null)).not.toMatchObject({ version: first.version })
    machineOf('b').fault = undefined
    takesAgain()
    await vi.waitFor(async () => expect(await versionAt('a', key)).toBe(end.version), { timeout: 5_000 })
  })

  test('costs no change', async () => {
    const store = process()
    refuse('a')
    const key = keyOf('ab')
    const first = await stored(store, key)
    expect(await store.put(key, anyRecord(first.version), { expected: first.version })).toEqual({ stored: true })
  })
})

test('one copy that does not verify costs neither reads nor changes', async () => {
  const store = process()
  const key = keyOf('ab')
  const first = await stored(store, key)
  const machine = machineOf('a')
  const damaged = (): Promise<never> => Promise.reject(sessionError('ERR_RECORD', 'A packed session record does not match its checksum.'))
  const { memory } = machine
  machine.memory = {
    ...memory,
    get: (of) => (of === key ? damaged() : memory.get(of)),
    put: (of, ...rest) => (of === key ? damaged() : memory.put(of, ...rest)),
  }
  expect((await store.get(key))?.version).toBe(first.version)
  const end = ended(first)
  expect(await store.put(key, end, { expected: first.version })).toEqual({ stored: true })
  expect((await store.get(key))?.version).toBe(end.version)
})

test('what a node does not take for what it is does not keep it away', async () => {
  const store = process()
  const [poison, key] = [keyOf('b'), keyOf('ab')]
  machineOf('b').fault = 'fail'
  await store.get(keyOf('b')).catch(() => null)
  await until(store, 'b', 'down')
  await stored(store, poison)
  const { version } = await stored(store, key)
  const { memory } = machineOf('b')
  machineOf('b').memory = {
    ...memory,
    put: (of, ...rest) => (of === poison ? Promise.reject(sessionError('ERR_TOO_LARGE', 'Too large.')) : memory.put(of, ...rest)),
  }
  machineOf('b').fault = undefined
  await until(store, 'b', 'up')
  expect(await versionAt('b', key)).toBe(version)
})

test('nodes that were away one after the other, long ago, answer for each other again', async () => {
  const store = process({ settleFor: 50 }, ['a', 'b'])
  const key = keyOf('ab', ['a', 'b'])
  const { version } = await stored(store, key)
  for (const name of ['a', 'b', 'a']) {
    machineOf(name).fault = 'hang'
    expect((await store.get(key))?.version).toBe(version)
    await until(store, name, 'down')
    expect((await store.get(key))?.version).toBe(version)
    machineOf(name).fault = undefined
    await until(store, name, 'up')
    await sleep(60)
  }
})

test('one that answers the ring and no reads does not go and come at full speed', async () => {
  const store = process()
  const key = keyOf('ab')
  const { version } = await stored(store, key)
  const events = heard('node')
  const { memory } = machineOf('a')
  machineOf('a').memory = {
    ...memory,
    get: (of) => (of === key ? Promise.reject(sessionError('ERR_UNAVAILABLE', 'It is lost on the way.')) : memory.get(of)),
  }
  const stopAt = performance.now() + 1_000
  while (performance.now() < stopAt) {
    expect((await store.get(key))?.version).toBe(version)
    await sleep(1)
  }
  // It rests for longer each time, up to ejectAfter (here 100 ms): two events for each. At full speed it were hundreds.
  expect(events.length).toBeLessThanOrEqual(30)
})

test('a store that answers with what is none is an error, and undefined is none', async () => {
  const odd = (answer: unknown): SessionStore => ({ ...memoryStore(), get: () => Promise.resolve(answer as StoredRecord) })
  const get = (answer: unknown): Promise<StoredRecord | null> => ring([{ name: 'a', store: odd(answer) }]).get(anyKey())
  expect(await get(undefined)).toBeNull()
  expect(await failureOf(get({}))).toMatchObject({ code: 'ERR_RECORD' })
})

test('a number of copies that a ring has no nodes for is not durable', async () => {
  const store = process({}, ['a'])
  const put = store.put(anyKey(), anyRecord(), { expected: null, durability: { replicas: 1, withinTimeout: 100 } })
  expect(await failureOf(put)).toMatchObject({ code: 'ERR_NOT_DURABLE' })
})
