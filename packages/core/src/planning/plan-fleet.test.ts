import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lossShare } from './loss-share.ts'
import { planFleet } from './plan-fleet.ts'
import type { CheckedFleetOptions } from './plan-options.ts'
import { storedBytes } from './stored-bytes.ts'

const gib = 1024 ** 3

const shop = {
  engine: 'memcached',
  sessions: 2_000_000,
  bytesPerSession: 700,
  requestsPerSecond: 30_000,
  nodeMemoryBytes: 2 * gib,
  copies: 2,
} as const

test('a plan is plain data that says how many nodes, why, and what is risked', () => {
  const plan = planFleet(shop)
  expect(plan).toEqual({
    nodes: 5,
    decidedBy: 'traffic',
    nodesFor: { memory: 4, traffic: 5, risk: 2 },
    engine: 'memcached',
    copies: 2,
    sessions: 2_000_000,
    bytesPerSessionStored: 1_185,
    memoryShareUsed: expect.closeTo(0.4414, 4),
    requestsPerNodePerSecond: 15_000,
    nodesDown: 1,
    whileDown: { memoryShareUsed: expect.closeTo(0.5518, 4), requestsPerNodePerSecond: 18_750 },
    lossShare: { 1: 0, 2: 0.1, 3: expect.closeTo(0.3, 10) },
    sessionsLost: { 1: 0, 2: 200_000, 3: 600_000 },
    movedShareByOneMore: 1 / 3,
    reasons: expect.any(Array),
  })
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan)
  expect(plan.reasons.join('\n')).toMatchInlineSnapshot(`
    "Memory wants 4 nodes: 2,000,000 sessions of 1,185 bytes on memcached, 2 copies of each, in 2 GiB a node that are at most 75 % full, also while one is down.
    Traffic wants 5 nodes: 75,000 store calls a second, of which a node takes 20,000, also while one is down.
    Risk wants 2 nodes: at least one for each copy, and at most 33 % of the sessions lost when a node dies.
    So take 5 nodes, for traffic.
    When a node dies, none of the sessions are lost; when 2 die at once, 10 % (200,000); when 3 die at once, 30 % (600,000).
    A node that is added gets a copy of 33 % of the sessions; none moves between the others."
  `)
})

test('each of the three can decide', () => {
  expect(planFleet({ ...shop, nodeMemoryBytes: gib / 2 })).toMatchObject({ decidedBy: 'memory', nodes: 13 })
  expect(planFleet({ ...shop, requestsPerSecond: 100_000 })).toMatchObject({ decidedBy: 'traffic', nodes: 14 })
  expect(planFleet({ ...shop, copies: 1, acceptableLossShare: 0.1 })).toMatchObject({ decidedBy: 'risk', nodes: 10 })
})

test('what just fits needs no node more', () => {
  const traffic = { ...shop, copies: 1, writeShare: 0.1, acceptableLossShare: 1 }
  expect(planFleet({ ...traffic, nodeRequestsPerSecond: 33_000 })).toMatchObject({
    nodesFor: { traffic: 1 },
    requestsPerNodePerSecond: 11_000,
  })
  expect(planFleet({ ...traffic, nodeRequestsPerSecond: 11_000 })).toMatchObject({
    nodesFor: { traffic: 4 },
    whileDown: { requestsPerNodePerSecond: 11_000 },
  })
})

test('without copies and without a wish, a node that dies takes a third', () => {
  const { nodes, nodesFor, lossShare } = planFleet({ ...shop, sessions: 1_000, requestsPerSecond: 10, copies: 1 })
  expect({ nodes, nodesFor, lossShare }).toEqual({
    nodes: 3,
    nodesFor: { memory: 1, traffic: 1, risk: 3 },
    lossShare: { 1: 1 / 3, 2: 2 / 3, 3: 1 },
  })
})

test('one node is a plan for who accepts that everything is lost with it', () => {
  const plan = planFleet({ ...shop, sessions: 1_000, requestsPerSecond: 10, copies: 1, acceptableLossShare: 1 })
  expect(plan).toMatchObject({ nodes: 1, whileDown: null, lossShare: { 1: 1, 2: 1, 3: 1 }, movedShareByOneMore: 0.5 })
  expect(plan.reasons).toContain('With 1 node there is no other to carry on while one is down.')
  expect(plan.reasons).toContain('When a node dies, 100 % (1,000) of the sessions are lost.')
})

test('two nodes with two copies are enough while one is down, and the plan says what a third is for', () => {
  const plan = planFleet({ ...shop, engine: 'redis', sessions: 1_000, requestsPerSecond: 10, acceptableLossShare: 0 })
  expect(plan).toMatchObject({ nodes: 2, decidedBy: 'risk', lossShare: { 1: 0, 2: 1, 3: 1 }, whileDown: { requestsPerNodePerSecond: 13 } })
  expect(plan.reasons.at(-1)).toBe(
    'While one is down, there are fewer nodes than copies: with 3 nodes there would be 2 copies of each session even then.',
  )
})

test('what may be lost when several die wants more nodes, or more copies', () => {
  expect(planFleet({ ...shop, nodesDown: 2, acceptableLossShare: 0.01 })).toMatchObject({ nodes: 15, decidedBy: 'risk' })
  expect(planFleet({ ...shop, nodesDown: 2, acceptableLossShare: 0.01, copies: 3 }).nodesFor.risk).toBe(3)
})

test('any plan is the smallest fleet that holds, carries and risks no more than was asked', () => {
  const options = fc.record({
    engine: fc.constantFrom('redis', 'memcached'),
    sessions: fc.integer({ min: 1, max: 5_000_000 }),
    bytesPerSession: fc.integer({ min: 2, max: 20_000 }),
    requestsPerSecond: fc.integer({ min: 1, max: 100_000 }),
    nodeMemoryBytes: fc.integer({ min: 2 * gib, max: 16 * gib }),
    writeShare: fc.constantFrom(0, 0.25, 1),
    copies: fc.integer({ min: 1, max: 4 }),
    nodeRequestsPerSecond: fc.integer({ min: 10_000, max: 100_000 }),
    nodesDown: fc.constantFrom(1, 2, 3),
    acceptableLossShare: fc.constantFrom(0.02, 0.1, 0.34, 1),
    fillAtMost: fc.constantFrom(0.5, 0.75, 1),
  })
  fc.assert(
    fc.property(options, (asked) => {
      const plan = planFleet(asked as CheckedFleetOptions)
      expect(plan.nodes).toBe(smallest(asked as CheckedFleetOptions))
      expect(Math.max(...Object.values(plan.nodesFor))).toBe(plan.nodes)
      if (plan.whileDown === null) return
      expect(plan.whileDown.memoryShareUsed).toBeLessThanOrEqual(asked.fillAtMost + 1e-9)
      expect(plan.whileDown.requestsPerNodePerSecond).toBeLessThanOrEqual(asked.nodeRequestsPerSecond)
    }),
  )
})

/** By trying one number of nodes after the other. */
function smallest(asked: CheckedFleetOptions): number {
  const { copies, nodesDown } = asked
  for (let nodes = copies; ; nodes++) {
    const up = Math.max(nodes - nodesDown, 1)
    const part = Math.min(copies, up) / up
    const bytes = asked.sessions * part * Math.ceil(storedBytes(asked.engine, asked.bytesPerSession))
    const calls = Math.round(asked.requestsPerSecond * (1 + asked.writeShare)) * part
    const holds = bytes <= asked.nodeMemoryBytes * asked.fillAtMost * (1 + 1e-9) && calls <= asked.nodeRequestsPerSecond * (1 + 1e-9)
    if (holds && lossShare(nodes, copies, nodesDown) <= asked.acceptableLossShare + 1e-9) return nodes
  }
}
