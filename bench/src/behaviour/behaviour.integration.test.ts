import { startRedis, type RedisServer } from '@holdfast/testbed'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { observe } from './observe.ts'
import { crowd, rounds } from './observed.ts'
import { holdfast } from './subjects/holdfast.ts'

// The other libraries are not installed by `npm test`; what they do is on docs/compare.md.
describe('Holdfast in the comparison', () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.close())

  it('loses no increment by update()', async () => {
    const observed = await observe(holdfast('update()'), redis)
    expect(observed.increments).toEqual(Array.from({ length: rounds }, () => crowd))
    expect(observed).toMatchObject(always)
  }, 60_000)

  it('keeps every key by plain changes, and says of increments only that the last one wins', async () => {
    const observed = await observe(holdfast('plain change'), redis)
    expect(Math.min(...observed.increments)).toBeGreaterThan(0)
    expect(observed).toMatchObject(always)
  }, 60_000)
})

const always = {
  keys: Array.from({ length: rounds }, () => crowd),
  openAfterSignOut: false,
  revivedUnderOldCookie: false,
  revivedInBrowser: false,
  adoptsMadeUpId: false,
  plantedCookieOpens: false,
  // A sign-in without `regenerate` keeps the token: nobody can know that it is one.
  plantedCookieOpensSameId: true,
  cookiesOfNobody: 0,
  recordsOfNobody: 0,
  refusedChange: { status: 503, cut: false, isStored: false },
  silentRead: { status: 503, cut: false },
  silentChange: { status: 503, cut: false },
  silentReadWithLimit: { status: 503, cut: false },
}
