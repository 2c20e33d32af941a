import { readFile } from 'node:fs/promises'
import { startRedis, type RedisServer } from '@holdfast/testbed'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { arrangements, type Arrangement } from './arrangements.ts'
import { signOutTable, tripTable } from './report.ts'
import { signOutsOf, type SignOuts } from './sign-outs.ts'
import { tripsOf, type Trips } from './trips.ts'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.close())

const named = (name: string): Arrangement => arrangements.find((each) => each.name === name)!

test.each<Trips>([
  { arrangement: 'local', read: 0, change: 0, signIn: 0, signOut: 0, behindTenChanges: 0 },
  { arrangement: 'shared', read: 1, change: 2, signIn: 3, signOut: 2, behindTenChanges: 0 },
  { arrangement: 'near cache', read: 0, change: 1, signIn: 2, signOut: 1, behindTenChanges: 0 },
  { arrangement: 'backed up', read: 0, change: 0, signIn: 2, signOut: 1, behindTenChanges: 1 },
])('$arrangement: as many store calls as the page says', async (expected) => {
  expect(await tripsOf(named(expected.arrangement), redis.url)).toEqual(expected)
})

test.each(arrangements.filter(({ signOutWithin }) => signOutWithin !== undefined))(
  '$name: after a sign-out no other node takes the session for live for longer than promised',
  async (arrangement) => {
    const { longest, within } = await signOutsOf(arrangement, redis.url, 5)
    // News takes its time on a machine that runs other tests; an age does not.
    expect(longest).toBeLessThanOrEqual(arrangement.name.endsWith('no news') ? within : within * 10)
  },
  60_000,
)

test('what the page shows is what was measured last, and within what is promised', async () => {
  const stored = async (name: string): Promise<string> => readFile(new URL(`../../prices/${name}`, import.meta.url), 'utf8')
  const { trips, signOuts } = JSON.parse(await stored('latest.json')) as { trips: Trips[]; signOuts: SignOuts[] }
  expect(await stored('trips.md')).toBe(tripTable(trips))
  expect(await stored('sign-outs.md')).toBe(signOutTable(signOuts))
  expect(signOuts.filter(({ longest, within }) => longest > within)).toEqual([])
  expect(signOuts).toHaveLength(arrangements.length - 1)
})
