import { expect, test } from 'vitest'
import { newShop } from './shop/new-shop.ts'

test('an outage signs nobody out', async () => {
  // #region outage
  const { app, sessions, store } = newShop()
  const { cookie } = await sessions.create({ cart: [], user: { name: 'ada' } }, { subject: 'ada' })
  const get = (path: string) => app.request(path, { headers: { cookie } })

  store.fault = () => 'fail'
  const account = await get('/account')
  expect([account.status, account.headers.get('Retry-After')]).toEqual([503, '1'])
  expect(account.headers.getSetCookie()).toEqual([])
  expect((await get('/about')).status).toBe(200)
  expect(await (await get('/')).text()).toBe('Your account cannot be reached at the moment.')

  store.fault = undefined
  expect(await (await get('/account')).text()).toBe('Hello ada!')
  // #endregion outage
})

test('what cannot be saved is no success', async () => {
  // #region not-saved
  const { app, sessions, store } = newShop()
  const { cookie } = await sessions.create({ cart: [] })

  store.fault = ({ method }) => (method === 'put' ? 'fail' : undefined)
  const answer = await app.request('/cart/tea', { method: 'POST', headers: { cookie } })
  expect(answer.status).toBe(503)

  store.fault = undefined
  expect((await sessions.open(cookie).load()).data.cart).toEqual([])
  // #endregion not-saved
})
