import { expect, test } from 'vitest'
import { cookieOf } from './shop/cookie-of.ts'
import { newShop } from './shop/new-shop.ts'

test('a signed-in customer sees the account', async () => {
  // #region signed-in
  const { app, sessions } = newShop()
  const { cookie } = await sessions.create({ cart: [], user: { name: 'ada' } }, { subject: 'ada' })

  const answer = await app.request('/account', { headers: { cookie } })

  expect(answer.status).toBe(200)
  expect(await answer.text()).toBe('Hello ada!')
  // #endregion signed-in
})

test('a visitor does not', async () => {
  const { app } = newShop()
  expect((await app.request('/account')).status).toBe(401)
})

test('what a request has stored can be read without another one', async () => {
  const { app, sessions } = newShop()
  // #region stored
  const { cookie } = await sessions.create({ cart: [] })

  await app.request('/cart/tea', { method: 'POST', headers: { cookie } })

  const { data } = await sessions.open(cookie).load()
  expect(data.cart).toEqual(['tea'])
  // #endregion stored
})

test('a sign-in keeps the cart, and the cookie from before opens nothing', async () => {
  // #region sign-in
  const { app, sessions } = newShop()
  const before = cookieOf(await app.request('/cart/tea', { method: 'POST' }))

  const answer = await app.request('/sign-in/ada', { method: 'POST', headers: { cookie: before } })

  const after = await sessions.open(cookieOf(answer)).load()
  expect(after).toMatchObject({ subject: 'ada', data: { cart: ['tea'] } })
  expect((await sessions.open(before).load()).outcome).toBe('ended')
  // #endregion sign-in
})

test('a page that needs no session asks for none', async () => {
  // #region asks-for-none
  const { app, sessions, store } = newShop()
  const { cookie } = await sessions.create({ cart: [] })
  store.calls.length = 0

  await app.request('/about', { headers: { cookie } })

  expect(store.calls).toEqual([])
  // #endregion asks-for-none
})
