import { expect, test } from 'vitest'
import { planFleet } from './plan-fleet.ts'
import type { FleetOptions } from './plan-options.ts'

const right: FleetOptions = {
  engine: 'memcached',
  sessions: 100_000,
  bytesPerSession: 700,
  requestsPerSecond: 1_000,
  nodeMemoryBytes: 1024 ** 3,
}

test.each<[Record<string, unknown>, string]>([
  [{ sessions: undefined }, 'planFleet({ sessions }) is undefined; it takes a number above 0: how many there are at one time.'],
  [{ bytesPerSession: 0 }, "planFleet({ bytesPerSession }) is 0; it takes a number above 0: bytes of a session's data as JSON."],
  [{ requestsPerSecond: NaN }, 'planFleet({ requestsPerSecond }) is NaN; it takes a number above 0'],
  [{ nodeMemoryBytes: '4gb' }, 'planFleet({ nodeMemoryBytes }) is "4gb"; it takes a number above 0: bytes, such as 4 * 1024 ** 3.'],
  [{ nodeRequestsPerSecond: -1 }, 'planFleet({ nodeRequestsPerSecond }) is -1; it takes a number above 0'],
  [{ engine: undefined }, "planFleet({ engine }) is undefined; it takes 'redis' or 'memcached'."],
  [{ writeShare: 25 }, 'planFleet({ writeShare }) is 25; it takes a share, from 0 to 1.'],
  [{ copies: 1.5 }, 'planFleet({ copies }) is 1.5; it takes a whole number from 1 to 10.'],
  [{ nodesDown: 0 }, 'planFleet({ nodesDown }) is 0; it takes 1, 2 or 3.'],
  [{ fillAtMost: 0 }, 'planFleet({ fillAtMost }) is 0; it takes a share, above 0 and up to 1.'],
  [{ acceptableLossShare: -0.1 }, 'planFleet({ acceptableLossShare }) is -0.1; it takes a share, from 0 to 1.'],
])('refuses %o, by name', (wrong, message) => {
  expect(() => planFleet({ ...right, ...wrong })).toThrow(
    expect.objectContaining({ code: 'ERR_OPTION', message: expect.stringContaining(message) }),
  )
})

test('refuses what no number of nodes does, and says what would', () => {
  const messageOf = (options: Partial<FleetOptions>): string => {
    try {
      return `${planFleet({ ...right, ...options }).nodes} nodes`
    } catch (error) {
      return (error as Error).message
    }
  }
  expect(messageOf({ acceptableLossShare: 0 })).toBe(
    'planFleet({ acceptableLossShare }) is 0; it takes 0 only with more copies than nodesDown: set copies to 2.',
  )
  expect(messageOf({ acceptableLossShare: 0, copies: 2 })).toBe('2 nodes')
  expect(messageOf({ acceptableLossShare: 0.000_1 })).toBe(
    'planFleet({ acceptableLossShare }) is 0.0001; it takes at least 0.001 here, or more copies.',
  )
  expect(messageOf({ bytesPerSession: 2_000_000 })).toMatch(
    /^planFleet\(\{ bytesPerSession \}\) is 2000000; it takes at most 10\d{5} on memcached/,
  )
  expect(messageOf({ bytesPerSession: 2_000_000, engine: 'redis' })).toMatch(/nodes$/)
  const [, least] = /takes at least (\d+) here, so that 1000 nodes do/.exec(messageOf({ nodeMemoryBytes: 1_000 }))!
  expect(messageOf({ nodeMemoryBytes: Number(least) })).toBe('1000 nodes')
  expect(messageOf({ nodeMemoryBytes: Number(least) - 1 })).toContain('it takes at least')
})

test('refuses what are no options', () => {
  expect(() => planFleet(undefined as never)).toThrow('planFleet(options) is undefined; it takes an object')
})
