import { hours, minutes, type Outcome } from '@holdfast/core'
import { expect, test } from 'vitest'
import { cookieOf, newSessions } from './new-sessions.ts'

const initial = { cart: [], visits: 0 }

test('each outcome and what brings it', async () => {
  const { sessions, store, clock } = newSessions({ idleTimeout: minutes(30), absoluteTimeout: hours(12), onUnavailable: 'anonymous' })
  // #region outcomes
  const outcome = async (cookie: string | null): Promise<Outcome> => (await sessions.open(cookie).load()).outcome

  // No cookie of ours.
  expect(await outcome(null)).toBe('new')

  // A record, and its deadlines have not passed.
  const { session, cookie } = await sessions.create(initial)
  expect(await outcome(cookie)).toBe('live')

  // A cookie that does not verify. The store is not asked.
  expect(await outcome(`${cookie}x`)).toBe('invalid')

  // The store does not answer.
  store.fault = () => 'fail'
  expect(await outcome(cookie)).toBe('unavailable')
  store.fault = undefined

  // Signed out.
  session.destroy()
  await session.save()
  expect(await outcome(cookie)).toBe('ended')

  // A good cookie, and no record: here the store has dropped it.
  const evicted = await sessions.create(initial)
  await store.delete(evicted.session.id)
  expect(await outcome(evicted.cookie)).toBe('missing')

  // The absolute timeout, which is signed into the cookie.
  const old = await sessions.create(initial)
  clock.advance(hours(12))
  expect(await outcome(old.cookie)).toBe('expired')
  // #endregion outcomes
})

test('an idle session is missing once the store has let go of its record', async () => {
  const { sessions, clock } = newSessions({ idleTimeout: minutes(30) })
  // #region idle
  const { cookie } = await sessions.create(initial)

  clock.advance(minutes(30) - 1)
  expect((await sessions.open(cookie).load()).outcome).toBe('live')

  clock.advance(minutes(3) + 1)
  expect((await sessions.open(cookie).load()).outcome).toBe('missing')
  // #endregion idle
})

test('use renews, up to the absolute timeout', async () => {
  const { sessions, clock } = newSessions({ idleTimeout: minutes(30), absoluteTimeout: hours(12) })
  // #region absolute
  const { cookie } = await sessions.create(initial)
  const visit = async (): Promise<Outcome> => {
    clock.advance(minutes(20))
    const opened = sessions.open(cookie)
    const { outcome } = await opened.load()
    await opened.commit()
    return outcome
  }

  for (let visits = 1; visits < 36; visits++) expect(await visit()).toBe('live')
  expect(await visit()).toBe('expired') // 36 times 20 minutes are 12 hours
  // #endregion absolute
})

test('a stand-in cannot be saved, and no outage signs anybody out', async () => {
  const { sessions, store } = newSessions()
  const { cookie } = await sessions.create({ cart: ['tea'], visits: 0 })
  // #region stand-in
  store.fault = () => 'fail'
  await expect(sessions.open(cookie).load()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE', status: 503 })

  const opened = sessions.open(cookie)
  const standIn = await opened.load({ onUnavailable: 'anonymous' })
  expect([standIn.outcome, standIn.data.cart]).toEqual(['unavailable', []])

  standIn.data.cart.push('milk')
  await expect(opened.commit()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })

  store.fault = undefined
  expect((await sessions.open(cookie).load()).data.cart).toEqual(['tea'])
  // #endregion stand-in
})

test('all but live start with the initial data', async () => {
  const { sessions } = newSessions()
  const opened = sessions.open('__Host-session=forged')
  const session = await opened.load()
  session.data.cart.push('tea')
  expect((await sessions.open(cookieOf(await opened.commit())).load()).data.cart).toEqual(['tea'])
})
