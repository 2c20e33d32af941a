import { expect, test } from 'vitest'
import { newShop } from './shop/new-shop.ts'

test('two tabs put something into the cart at once', async () => {
  // #region two-tabs
  const { app, sessions, store } = newShop()
  const { cookie } = await sessions.create({ cart: [] })

  // Both have read the session before either of them writes it.
  let reads = 0
  let bothHaveRead = () => {}
  const read = new Promise<void>((resolve) => (bothHaveRead = resolve))
  store.fault = async ({ method }) => {
    if (method === 'get' && ++reads === 2) bothHaveRead()
    if (method === 'put') await read
    return undefined
  }
  const add = (sku: string) => app.request(`/cart/${sku}`, { method: 'POST', headers: { cookie } })
  await Promise.all([add('tea'), add('milk')])

  const { data } = await sessions.open(cookie).load()
  expect(data.cart.toSorted()).toEqual(['milk', 'tea'])
  // #endregion two-tabs
})
