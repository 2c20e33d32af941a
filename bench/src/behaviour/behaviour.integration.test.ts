import { startRedis, type RedisServer } from '@holdfast/testbed'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { observeFixation } from './fixation.ts'
import { onSite } from './observe.ts'
import { crowd, rounds } from './observed.ts'
import { observeRaces } from './races.ts'
import { observeNobody, observeStore } from './store.ts'
import { holdfast } from './subjects/holdfast.ts'

// The other libraries are not installed by `npm test`; what they do is on docs/compare.md.
describe('Holdfast in the comparison', () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.close())

  const patient = { operationTimeout: 10_000, requestTimeout: 30_000 }
  const everyTime = Array.from({ length: rounds }, () => crowd)

  it('loses no increment by update(), no key, and brings nothing back', async () => {
    const { increments, keys, ...afterSignOut } = await onSite(holdfast('update()', patient), redis, undefined, observeRaces)
    expect(increments).toEqual(everyTime)
    expect(keys).toEqual(everyTime)
    expect(afterSignOut).toEqual({ openAfterSignOut: false, revivedUnderOldCookie: false, revivedInBrowser: false })
  }, 60_000)

  it('loses no key by plain changes, and brings nothing back', async () => {
    const { keys, increments: _, ...afterSignOut } = await onSite(holdfast('plain change', patient), redis, undefined, observeRaces)
    expect(keys).toEqual(everyTime)
    expect(afterSignOut).toEqual({ openAfterSignOut: false, revivedUnderOldCookie: false, revivedInBrowser: false })
  }, 60_000)

  it('gives nothing to a planted cookie, unless the application forgets `regenerate`', async () => {
    expect(await onSite(holdfast('plain change', patient), redis, undefined, observeFixation)).toEqual({
      adoptsMadeUpId: false,
      plantedCookieOpens: false,
      plantedCookieOpensSameId: true,
    })
  })

  it('leaves nothing of visitors who store nothing', async () => {
    const nobody = await onSite(holdfast('plain change', patient), redis, undefined, (site) => observeNobody(site, true))
    expect(nobody).toEqual({ cookiesOfNobody: 0, recordsOfNobody: 0 })
  })

  it('answers 503 for a store that refuses or is silent', async () => {
    const outage = await onSite(holdfast('update()'), redis, undefined, (site) => observeStore(site, true))
    expect(outage).toMatchObject({
      refusedChange: { status: 503, cut: false, isStored: false },
      silentRead: { status: 503, cut: false },
      silentChange: { status: 503, cut: false },
    })
  })
})
