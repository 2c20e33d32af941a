import type { Session } from '@holdfast/core'
import { browser, shop, type Shop } from '@holdfast/test-shop'
import { Hono, type Context } from 'hono'
import { hc } from 'hono/client'
import { createFactory } from 'hono/factory'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { getSession, sessionMiddleware, type EagerSessionEnv, type SessionEnv } from './index.ts'

describe('getSession', () => {
  test('knows its data from the middleware in the chain', async () => {
    const app = new Hono().use(sessionMiddleware(shop().sessions)).get('/cart', async (c) => {
      const session = await getSession(c)
      expectTypeOf(session).toEqualTypeOf<Session<Shop>>()
      // @ts-expect-error -- no such key
      void session.data.basket
      return c.json(session.data.cart)
    })
    expect(await (await app.request('/cart')).json()).toEqual([])
  })

  test('knows its data from the declared environment of a sub-application', async () => {
    const cart = new Hono<SessionEnv<Shop>>().post('/:sku', async (c) => {
      const session = await getSession(c)
      session.update((data) => void data.cart.push(c.req.param('sku')))
      return c.json(session.data.cart)
    })
    const app = new Hono().use(sessionMiddleware(shop().sessions)).route('/cart', cart)
    const ann = browser(app.request)
    await ann.request('/cart/tea', { method: 'POST' })
    expect(await (await ann.request('/cart/milk', { method: 'POST' })).json()).toEqual(['tea', 'milk'])
  })

  test('knows its data from the manager anywhere', async () => {
    const { sessions } = shop()
    const cartOf = async (c: Context): Promise<string[]> => (await getSession(c, sessions)).data.cart
    const app = new Hono().use(sessionMiddleware(sessions)).get('/', async (c) => c.json(await cartOf(c)))
    expect(await (await app.request('/')).json()).toEqual([])
  })

  test('works in a middleware, and with hono/factory', async () => {
    const { sessions } = shop()
    const factory = createFactory<SessionEnv<Shop>>()
    const signedIn = factory.createMiddleware(async (c, next) =>
      (await getSession(c)).data.user === undefined ? c.text('who?', 401) : next(),
    )
    const app = new Hono().use(sessionMiddleware(sessions)).get('/', signedIn, (c) => c.text('hello'))
    const { cookie } = await sessions.create({ user: 'ann', cart: [] })
    expect((await app.request('/')).status).toBe(401)
    expect((await app.request('/', { headers: { cookie } })).status).toBe(200)
  })

  test('answers the same session again, for one store call', async () => {
    const { sessions, store } = shop()
    const { cookie } = await sessions.create({ cart: ['tea'] })
    store.calls.length = 0
    const app = new Hono().use(sessionMiddleware(sessions)).get('/', async (c) => c.json((await getSession(c)) === (await getSession(c))))
    expect(await (await app.request('/', { headers: { cookie } })).json()).toBe(true)
    expect(store.calls).toHaveLength(1)
  })

  test('says what to do where no middleware ran', async () => {
    const app = new Hono().get('/', async (c) => c.json((await getSession(c)).data)).onError((error, c) => c.text(error.message, 500))
    expect(await (await app.request('/')).text()).toBe(
      'getSession() found no session: put app.use(sessionMiddleware(sessions)) before this route.',
    )
  })

  test('says so too where the middleware of another manager ran', async () => {
    const other = shop().sessions
    const app = new Hono()
      .use(sessionMiddleware(shop().sessions))
      .get('/', async (c) => c.json((await getSession(c, other)).data))
      .onError((error, c) => c.text(error.message, 500))
    expect(await (await app.request('/')).text()).toContain('found no session of this manager')
  })
})

test('several managers on one request: each has its own cookie, and the innermost is the default', async () => {
  const customers = shop({ name: '__Host-customer' }).sessions
  const staff = shop({ name: '__Host-staff' }).sessions
  const app = new Hono()
    .use(sessionMiddleware(customers))
    .use(sessionMiddleware(staff))
    .post('/', async (c) => {
      ;(await getSession(c, customers)).data.user = 'ann'
      ;(await getSession(c)).data.user = 'bob'
      return c.text('')
    })
    .get('/', async (c) => c.json([(await getSession(c, customers)).data.user, (await getSession(c, staff)).data.user]))
  const both = browser(app.request)
  const answer = await both.request('/', { method: 'POST' })
  expect([...both.jar.keys()].toSorted()).toEqual(['__Host-customer', '__Host-staff'])
  expect(answer.headers.get('vary')).toBe('Cookie')
  expect(await (await both.request('/')).json()).toEqual(['ann', 'bob'])
})

test('the same middleware twice on one request is one session, committed once', async () => {
  const { sessions, store } = shop()
  const app = new Hono()
    .use(sessionMiddleware(sessions))
    .use(async (c, next) => {
      ;(await getSession(c, sessions)).data.user = 'ann'
      await next()
    })
    .post('/', sessionMiddleware(sessions), async (c) => {
      ;(await getSession(c)).data.cart.push('tea')
      return c.text('')
    })
  const answer = await app.request('/', { method: 'POST' })
  expect(answer.headers.getSetCookie()).toHaveLength(1)
  expect(store.calls.map(({ method }) => method)).toEqual(['put'])
})

test('eager: the session stands on c.var.session', async () => {
  const { sessions, store } = shop()
  const { cookie } = await sessions.create({ user: 'ann', cart: [] })
  const inner = new Hono<EagerSessionEnv<Shop>>().get('/', (c) => c.text(c.var.session.data.user ?? 'nobody'))
  const app = new Hono().use(sessionMiddleware(sessions, { eager: true })).route('/inner', inner)
  const chained = app.get('/', async (c) => {
    expectTypeOf(c.var.session).toEqualTypeOf<Session<Shop>>()
    return c.json(c.var.session === (await getSession(c)))
  })
  expect(await (await chained.request('/', { headers: { cookie } })).json()).toBe(true)
  expect(await (await app.request('/inner', { headers: { cookie } })).text()).toBe('ann')
  store.fault = () => 'fail'
  expect((await app.request('/inner', { headers: { cookie } })).status).toBe(503)
})

test('c.var lists nothing of ours', async () => {
  const app = new Hono().use(sessionMiddleware(shop().sessions)).get('/', async (c) => {
    await getSession(c)
    return c.json({ keys: Object.keys(c.var), text: JSON.stringify(c.var) })
  })
  expect(await (await app.request('/')).json()).toEqual({ keys: [], text: '{}' })
})

test('the types of an RPC client are those of the handlers', async () => {
  const app = new Hono()
    .use(sessionMiddleware(shop().sessions))
    .get('/cart', async (c) => c.json({ cart: (await getSession(c)).data.cart }, 200))
  const client = hc<typeof app>('http://shop.test', { fetch: app.request })
  const answer = await client.cart.$get()
  const body = await answer.json()
  expectTypeOf(body).toEqualTypeOf<{ cart: string[] }>()
  expectTypeOf(answer.status).toEqualTypeOf<200>()
  expect(body).toEqual({ cart: [] })
})

test('a session that is awaited later does not end the process when its store has failed meanwhile', async () => {
  const { sessions, store } = shop()
  const { cookie } = await sessions.create({ cart: [] })
  const app = new Hono().use(sessionMiddleware(sessions))
  app.get('/', async (c) => {
    const pending = getSession(c)
    await new Promise((resolve) => setTimeout(resolve, 20))
    return c.text((await pending).outcome)
  })
  store.fault = () => 'fail'
  // vitest fails the run for a rejection that nobody has handled.
  expect((await app.request('/', { headers: { cookie } })).status).toBe(503)
})
