import { memoryStore } from '@holdfast/core/memory'
import { faultyStore } from '@holdfast/core/testing'
import { expect, test } from 'vitest'
import { shop } from './shop.ts'

function visitor() {
  const store = faultyStore(memoryStore())
  const app = shop(store, ['only for the sample of the first page'])
  const send = async (method: string, path: string, cookie = ''): Promise<Response> =>
    app.request(`https://shop.example${path}`, { method, headers: { cookie } })
  const cookieOf = (answer: Response): string => answer.headers.getSetCookie()[0]!.split(';', 1)[0]!
  const filled = async (): Promise<string> => cookieOf(await send('POST', '/cart/tea'))
  const data = async (cookie: string): Promise<unknown> => (await send('GET', '/', cookie)).json()
  return { store, send, cookieOf, filled, data }
}

test('two tabs at once: both things are in the cart', async () => {
  const { send, filled, data } = visitor()
  const cookie = await filled()
  await Promise.all([send('POST', '/cart/milk', cookie), send('POST', '/cart/sugar', cookie)])
  expect(await data(cookie)).toEqual({ cart: ['tea', 'milk', 'sugar'] })
})

test('a sign-in moves the session to a new token', async () => {
  const { send, cookieOf, filled, data } = visitor()
  const before = await filled()
  const after = cookieOf(await send('POST', '/sign-in/ada', before))
  expect(await data(after)).toEqual({ cart: ['tea'], name: 'ada' })
  expect(await data(before)).toEqual({ cart: [] })
})

test('a sign-in that cannot be saved: 503, and no cookie', async () => {
  const { store, send, filled, data } = visitor()
  const cookie = await filled()
  store.fault = ({ method }) => (method === 'put' ? 'fail' : undefined)
  const answer = await send('POST', '/sign-in/ada', cookie)
  expect([answer.status, answer.headers.get('retry-after'), answer.headers.getSetCookie()]).toEqual([503, '1', []])
  store.fault = undefined
  expect(await data(cookie)).toEqual({ cart: ['tea'] })
})

test('a slow request that ends after the sign-out brings nothing back', async () => {
  const { store, send, filled, data } = visitor()
  const cookie = await filled()
  let puts = 0
  // While the slow request's write is on its way, the visitor signs out.
  store.fault = async ({ method }) => {
    if (method === 'put' && puts++ === 0) await send('POST', '/sign-out', cookie)
    return undefined
  }
  const late = await send('POST', '/cart/milk', cookie)
  expect([late.status, late.headers.getSetCookie()]).toEqual([200, []])
  expect(await data(cookie)).toEqual({ cart: [] })
})

test('a page that never asks for its session costs no store call', async () => {
  const { store, send, filled } = visitor()
  const cookie = await filled()
  store.calls.length = 0
  expect((await send('GET', '/about', cookie)).status).toBe(200)
  expect(store.calls).toEqual([])
})
