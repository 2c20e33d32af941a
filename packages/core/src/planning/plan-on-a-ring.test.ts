import { setImmediate } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { nextVersion } from '../record/version.ts'
import type { SessionStore } from '../record/store.ts'
import { ring } from '../resilience/ring/ring.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { sameKeys } from '../testing/same-keys.ts'
import { planFleet } from './plan-fleet.ts'

const sessions = 3_000
const plan = planFleet({
  engine: 'memcached',
  sessions,
  bytesPerSession: 700,
  requestsPerSecond: sessions,
  nodeMemoryBytes: 64 * 2 ** 20,
  copies: 2,
  nodesDown: 2,
  acceptableLossShare: 0.1,
})

const keys = sameKeys(sessions)
const isKey = new Set(keys)
const version = nextVersion(null)
const expiresAt = Date.now() + 3_600_000
const value = Buffer.from('a session')

const machines = Array.from({ length: plan.nodes }, (_, index) => ({ name: `10.0.0.${index + 1}:11211`, memory: memoryStore(), calls: 0 }))
const store = ring(
  machines.map((machine) => {
    function counted(key: string): SessionStore {
      if (isKey.has(key)) machine.calls += 1
      return machine.memory
    }
    const node: SessionStore = {
      get: (key, options) => counted(key).get(key, options),
      put: (key, record, options) => counted(key).put(key, record, options),
      touch: (key, ...rest) => counted(key).touch(key, ...rest),
      delete: (key, options) => counted(key).delete(key, options),
    }
    return { name: machine.name, store: node }
  }),
  { copies: plan.copies },
)
afterAll(() => store.close?.())

/** In groups: a ring repairs 64 sessions at once, and leaves others for the next time that they are read. */
async function ofEach<T>(some: readonly string[], call: (key: string) => Promise<T>): Promise<T[]> {
  const answers: T[] = []
  for (let first = 0; first < some.length; first += 50) {
    answers.push(...(await Promise.all(some.slice(first, first + 50).map(call))))
    await setImmediate()
  }
  return answers
}

async function lostOnes(): Promise<string[]> {
  const found = await ofEach(keys, (key) => store.get(key))
  return keys.filter((_, index) => found[index] === null)
}

/** Five standard deviations of how many of the sessions are in this share. */
const bound = (share: number): number => 5 * Math.sqrt(sessions * share * (1 - share))
const owned = plan.copies / plan.nodes

test('a ring of as many nodes as planned keeps, asks and loses what the plan says', async () => {
  expect(plan.nodes).toBe(5)
  await ofEach(keys, (key) => store.put(key, { version, expiresAt, value }, { expected: null }))
  for (const { memory } of machines) expect(Math.abs(memory.stats().entries - sessions * owned)).toBeLessThan(bound(owned) + 1)

  for (const machine of machines) machine.calls = 0
  expect(await lostOnes()).toEqual([])
  const changed = keys.filter((_, index) => index % 4 === 0)
  await ofEach(changed, (key) => store.put(key, { version: nextVersion(version), expiresAt, value }, { expected: version }))
  expect(machines.reduce((sum, { calls }) => sum + calls, 0)).toBe(plan.requestsPerNodePerSecond * plan.nodes)
  for (const { calls } of machines) expect(Math.abs(calls - plan.requestsPerNodePerSecond)).toBeLessThan(1.25 * bound(owned))

  for (const machine of machines.slice(0, 2)) machine.memory = memoryStore()
  const lost = await lostOnes()
  expect(Math.abs(lost.length - plan.sessionsLost[2])).toBeLessThan(bound(plan.lossShare[2]))

  // What has been read since is on two nodes again, and not lost with a third.
  machines[2]!.memory = memoryStore()
  expect(await lostOnes()).toEqual(lost)
})
