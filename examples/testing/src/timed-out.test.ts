import { hours, minutes } from '@holdfast/core'
import { expect, test } from 'vitest'
import { newShop } from './shop/new-shop.ts'

test('who is away for too long has to sign in again', async () => {
  // #region idle
  const { app, sessions, clock } = newShop()
  const { cookie } = await sessions.create({ cart: [], user: { name: 'ada' } }, { subject: 'ada' })
  const account = () => app.request('/account', { headers: { cookie } })

  clock.advance(minutes(29))
  expect((await account()).status).toBe(200) // and the session is renewed
  clock.advance(minutes(29))
  expect((await account()).status).toBe(200)

  clock.advance(minutes(34))
  const answer = await account()
  expect(answer.status).toBe(401)
  expect(await answer.text()).toBe('You were away for too long. Please sign in again.')
  // #endregion idle
})

test('after twelve hours also who was there all the time', async () => {
  const { app, sessions, clock } = newShop()
  const { cookie } = await sessions.create({ cart: [] }, { subject: 'ada' })
  for (let at = 0; at < hours(12); at += minutes(20)) {
    expect((await app.request('/account', { headers: { cookie } })).status).toBe(200)
    clock.advance(minutes(20))
  }
  expect((await app.request('/account', { headers: { cookie } })).status).toBe(401)
})
