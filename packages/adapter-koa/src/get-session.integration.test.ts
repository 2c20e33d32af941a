import type { Session } from '@holdfast/core'
import * as node from '@holdfast/core/node'
import { shop, type Shop } from '@holdfast/test-shop'
import { Router } from '@koa/router'
import Koa3, { type Context, type DefaultState, type ExtendableContext, type Middleware } from 'koa'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { koas } from '../testing/koas.ts'
import { serveApp } from '../testing/serve-app.ts'
import { getSession, sessionMiddleware, type EagerSessionContext, type SessionContext } from './index.ts'

describe.each(koas)('getSession, on Koa $version', ({ Koa }) => {
  const silent = () => Object.assign(new Koa(), { silent: true })

  test('knows its data from the middleware in the chain', async () => {
    const app = new Koa().use(sessionMiddleware(shop().sessions)).use(async (ctx) => {
      const session = await getSession(ctx)
      expectTypeOf(session).toEqualTypeOf<Session<Shop>>()
      // @ts-expect-error -- no such key
      void session.data.basket
      ctx.body = session.data.cart
    })
    expect(await (await (await serveApp(app)).request('/')).json()).toEqual([])
  })

  test('knows its data still where other middleware stands in the chain', async () => {
    const timed: Middleware<DefaultState, { startedAt: number }> = async (ctx, next) => {
      ctx.startedAt = Date.now()
      await next()
    }
    const app = new Koa()
      .use(async (_, next) => next())
      .use(sessionMiddleware(shop().sessions))
      .use(timed)
      .use(async (ctx) => {
        expectTypeOf(await getSession(ctx)).toEqualTypeOf<Session<Shop>>()
        expectTypeOf(ctx.startedAt).toEqualTypeOf<number>()
        ctx.body = typeof ctx.startedAt
      })
    expect(await (await (await serveApp(app)).request('/')).text()).toBe('number')
  })

  test('knows its data from the declared context of a router', async () => {
    const router = new Router<DefaultState, SessionContext<Shop>>({ prefix: '/cart' }).post('/:sku', async (ctx) => {
      const session = await getSession(ctx)
      expectTypeOf(session).toEqualTypeOf<Session<Shop>>()
      session.update((data) => void data.cart.push(ctx.params['sku'] ?? ''))
      ctx.body = session.data.cart
    })
    const app = new Koa().use(sessionMiddleware(shop().sessions)).use(router.routes()).use(router.allowedMethods())
    const ann = await serveApp(app)
    await ann.request('/cart/tea', { method: 'POST' })
    expect(await (await ann.request('/cart/milk', { method: 'POST' })).json()).toEqual(['tea', 'milk'])
  })

  test('knows its data from the manager anywhere', async () => {
    const { sessions } = shop()
    const cartOf = async (ctx: ExtendableContext): Promise<string[]> => (await getSession(ctx, sessions)).data.cart
    const app = new Koa().use(sessionMiddleware(sessions)).use(async (ctx: Context) => {
      ctx.body = await cartOf(ctx)
    })
    expect(await (await (await serveApp(app)).request('/')).json()).toEqual([])
  })

  test('works in a guard, and for one router alone', async () => {
    const { sessions } = shop()
    const signedIn: Middleware<DefaultState, SessionContext<Shop>> = async (ctx, next) => {
      if ((await getSession(ctx)).data.user === undefined) ctx.throw(401, 'who?')
      await next()
    }
    const router = new Router().use(sessionMiddleware(sessions)).get('/', signedIn, (ctx) => void (ctx.body = 'hello'))
    const ann = await serveApp(silent().use(router.routes()))
    const { cookie } = await sessions.create({ user: 'ann', cart: [] })
    expect((await ann.request('/')).status).toBe(401)
    expect((await ann.request('/', { headers: { cookie } })).status).toBe(200)
  })

  test('answers the same session again, for one store call, also to what knows only the request', async () => {
    const { sessions, store } = shop()
    const { cookie } = await sessions.create({ cart: ['tea'] })
    store.calls.length = 0
    const app = new Koa().use(sessionMiddleware(sessions)).use(async (ctx) => {
      const session = await getSession(ctx)
      ctx.body = [session === (await getSession(ctx)), session === (await node.getSession(ctx.req, sessions))]
    })
    expect(await (await (await serveApp(app)).request('/', { headers: { cookie } })).json()).toEqual([true, true])
    expect(store.calls).toHaveLength(1)
  })

  test('passes its options on', async () => {
    const { sessions, store } = shop()
    const { cookie } = await sessions.create({ cart: ['tea'] })
    store.fault = () => 'fail'
    const app = new Koa().use(sessionMiddleware(sessions)).use(async (ctx) => {
      ctx.body = (await getSession(ctx, { onUnavailable: 'anonymous' })).outcome
    })
    expect(await (await (await serveApp(app)).request('/', { headers: { cookie } })).text()).toBe('unavailable')
  })

  const messageOf = async (app: InstanceType<typeof Koa>, ask: (ctx: ExtendableContext) => Promise<unknown>): Promise<string> => {
    app.use(async (ctx) => {
      ctx.body = await ask(ctx).catch((error: Error) => error.message)
    })
    return (await (await serveApp(app)).request('/')).text()
  }

  test('says what to do where no middleware ran', async () => {
    expect(await messageOf(new Koa(), async (ctx) => getSession(ctx))).toBe(
      'getSession() found no session: put app.use(sessionMiddleware(sessions)) before this middleware.',
    )
  })

  test('says so too where the middleware of another manager ran', async () => {
    const app = new Koa().use(sessionMiddleware(shop().sessions))
    const other = shop().sessions
    expect(await messageOf(app as never, async (ctx) => getSession(ctx, other))).toContain('found no session of this manager')
  })

  test('several managers on one request: each has its own cookie, and the innermost is the default', async () => {
    const customers = shop({ name: '__Host-customer' }).sessions
    const staff = shop({ name: '__Host-staff' }).sessions
    const router = new Router<DefaultState, SessionContext<Shop>>()
      .post('/', async (ctx) => {
        ;(await getSession(ctx, customers)).data.user = 'ann'
        ;(await getSession(ctx)).data.user = 'bob'
        ctx.body = ''
      })
      .get('/', async (ctx) => {
        ctx.body = [(await getSession(ctx, customers)).data.user, (await getSession(ctx, staff)).data.user]
      })
    const both = await serveApp(new Koa().use(sessionMiddleware(customers)).use(sessionMiddleware(staff)).use(router.routes()))
    const answer = await both.request('/', { method: 'POST' })
    expect([...both.jar.keys()].toSorted()).toEqual(['__Host-customer', '__Host-staff'])
    expect(answer.headers.get('vary')).toBe('Cookie')
    expect(await (await both.request('/')).json()).toEqual(['ann', 'bob'])
  })

  test('the same middleware twice on one request is one session, committed once', async () => {
    const { sessions, store } = shop()
    const app = new Koa()
      .use(sessionMiddleware(sessions))
      .use(async (ctx, next) => {
        ;(await getSession(ctx)).data.user = 'ann'
        await next()
        // The inner middleware leaves the commit to the outer one.
        ;(await getSession(ctx)).data.cart.push('milk')
      })
      .use(sessionMiddleware(sessions))
      .use(async (ctx) => {
        ;(await getSession(ctx)).data.cart.push('tea')
        ctx.body = ''
      })
    const ann = await serveApp(app)
    expect((await ann.request('/')).headers.getSetCookie()).toHaveLength(1)
    expect(store.calls.map(({ method }) => method)).toEqual(['put'])
  })

  test('eager: the session stands on ctx.session', async () => {
    const { sessions } = shop()
    const { cookie } = await sessions.create({ user: 'ann', cart: [] })
    const router = new Router<DefaultState, EagerSessionContext<Shop>>().get('/inner', (ctx) => {
      ctx.body = ctx.session.data.user
    })
    const app = new Koa()
      .use(sessionMiddleware(sessions, { eager: true }))
      .use(router.routes())
      .use(async (ctx) => {
        expectTypeOf(ctx.session).toEqualTypeOf<Session<Shop>>()
        ctx.body = ctx.session === (await getSession(ctx))
      })
    const ann = await serveApp(app)
    expect(await (await ann.request('/', { headers: { cookie } })).json()).toBe(true)
    expect(await (await ann.request('/inner', { headers: { cookie } })).text()).toBe('ann')
  })

  test('eager: takes ctx.session over from other session middleware, and leaves its own alone', async () => {
    const app = new Koa()
    const theirs: unknown[] = []
    Object.defineProperty(app.context, 'session', {
      set(value) {
        theirs.push(value)
      },
    })
    app.use(sessionMiddleware(shop().sessions, { eager: true }))
    app.use(async (ctx: Context) => {
      ctx.body = (ctx.session as Session<Shop>).data
    })
    expect(await (await (await serveApp(app)).request('/')).json()).toEqual({ cart: [] })
    expect(theirs).toEqual([])
  })

  test('an application mounted in another framework finds the session that was opened there', async () => {
    const { sessions, store } = shop()
    const inner = new Koa().use(sessionMiddleware(sessions)).use(async (ctx) => {
      ;(await getSession(ctx)).data.cart.push('tea')
      ctx.body = ''
    })
    const callback = inner.callback()
    const ann = await serveApp({
      callback: () => async (req, res) => {
        ;(await node.attachSession(sessions, req, res).load()).data.user = 'ann'
        await callback(req, res)
      },
    })
    expect((await ann.request('/')).headers.getSetCookie()).toHaveLength(1)
    expect(store.calls.map(({ method }) => method)).toEqual(['put'])
  })

  test('ctx.toJSON and ctx.state list nothing of ours', async () => {
    const app = new Koa().use(sessionMiddleware(shop().sessions)).use(async (ctx) => {
      await getSession(ctx)
      ctx.body = [Object.keys(ctx.state as object), Object.keys(ctx.req).filter((key) => key.includes('session'))]
    })
    expect(await (await (await serveApp(app)).request('/')).json()).toEqual([[], []])
  })
})

test('types: routers under the middleware take its mark, and without it the data is what was declared for all', () => {
  const { sessions } = shop()
  const app = new Koa3().use(sessionMiddleware(sessions))
  app.use(new Router<DefaultState, SessionContext<Shop>>().routes())
  new Koa3().use(async (ctx) => {
    expectTypeOf(await getSession(ctx, sessions)).toEqualTypeOf<Session<Shop>>()
    expectTypeOf(await getSession(ctx)).toEqualTypeOf<Session>()
    // @ts-expect-error -- no type parameter merely asserts
    await getSession<Shop>(ctx)
  })
})
