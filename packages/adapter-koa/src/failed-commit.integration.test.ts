import { Readable } from 'node:stream'
import { deferred, shop } from '@holdfast/test-shop'
import type { Middleware } from 'koa'
import { describe, expect, test } from 'vitest'
import { koas } from '../testing/koas.ts'
import { change, shopApp } from '../testing/shop-app.ts'
import { getSession, sessionMiddleware } from './index.ts'

/** What Koa answers to an error of ours: its public text is the name of the status. */
const unavailable = [503, '1', 'Service Unavailable']

async function seen(answer: Response): Promise<unknown> {
  return [answer.status, answer.headers.get('retry-after'), await answer.text()]
}

describe.each(koas)('a commit that fails, on Koa $version', ({ Koa }) => {
  const failing = (upstream?: Middleware) => {
    const app = shopApp(Koa, upstream && { upstream })
    app.failWrites()
    app.router
      .use(change)
      .post('/sign-in', (ctx) => {
        ctx.cookies.set('signed-in', 'yes')
        ctx.set('Clear-Site-Data', '"cache"')
        ctx.etag = '1'
        ctx.status = 303
        ctx.redirect('/')
      })
      .post('/download', (ctx) => {
        ctx.status = 201
        ctx.set({ 'Content-Length': '5', 'Content-Type': 'image/png', 'Content-Encoding': 'identity' })
        ctx.body = Buffer.from('12345')
      })
      .post('/json', (ctx) => void (ctx.body = { secret: 1 }))
      .post('/empty', (ctx) => void (ctx.body = null))
      .post('/stream', (ctx) => void (ctx.body = Readable.from(['long', ' answer'])))
      .post('/throws', (ctx) => ctx.throw(418, 'teapot', { headers: { 'Set-Cookie': 'theirs=1', 'X-Theirs': 'yes' } }))
    return app
  }
  const paths = ['/sign-in', '/download', '/json', '/empty', '/stream']

  test.each(paths)('is 503 with Retry-After, and nothing of the handler’s answer to %s', async (path) => {
    const { serve, errors } = failing()
    const answer = await (await serve()).request(path, { method: 'POST' })
    expect(await seen(answer)).toEqual(unavailable)
    expect(Object.fromEntries(answer.headers)).toEqual({
      connection: 'keep-alive',
      'content-length': '19',
      'content-type': 'text/plain; charset=utf-8',
      date: expect.any(String),
      'keep-alive': 'timeout=5',
      'retry-after': '1',
    })
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_UNAVAILABLE' })])
  })

  test.each(paths)('is thrown to the middleware before it, which answers %s with a page of its own', async (path) => {
    const caught: unknown[] = []
    const { serve, errors } = failing(async (ctx, next) => {
      ctx.set('Access-Control-Allow-Origin', 'https://app.test')
      try {
        await next()
      } catch (error) {
        caught.push(error)
        ctx.body = 'own page'
      }
    })
    const answer = await (await serve()).request(path, { method: 'POST' })
    expect(await seen(answer)).toEqual([503, '1', 'own page'])
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.test')
    for (const name of ['location', 'etag', 'content-encoding', 'clear-site-data']) expect(answer.headers.has(name)).toBe(false)
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(caught).toEqual([expect.objectContaining({ code: 'ERR_UNAVAILABLE' })])
    expect(errors).toEqual([])
  })

  test.each(paths)('is 503 also where the middleware before it swallows the error of %s', async (path) => {
    const { serve } = failing(async (_, next) => next().catch(() => {}))
    const [status, retryAfter] = (await seen(await (await serve()).request(path, { method: 'POST' }))) as unknown[]
    expect([status, retryAfter]).toEqual([503, '1'])
  })

  test('may be answered as another error, which then has no Retry-After, and never as a success', async () => {
    let status = 409
    const { serve } = failing(async (ctx, next) => {
      await next().catch(() => {
        ctx.status = status
        ctx.body = 'own page'
      })
    })
    const { request } = await serve()
    expect(await seen(await request('/json', { method: 'POST' }))).toEqual([409, null, 'own page'])
    status = 202
    expect(await seen(await request('/json', { method: 'POST' }))).toEqual([503, '1', 'The session store is unavailable. Try again.'])
  })

  test('has the gate answer where a handler had thrown: nothing of its error is left, and Koa is told of both', async () => {
    const { serve, errors } = failing()
    const answer = await (await serve()).request('/throws', { method: 'POST' })
    expect(await seen(answer)).toEqual([503, '1', 'The session store is unavailable. Try again.'])
    expect(answer.headers.has('set-cookie')).toBe(false)
    expect(errors).toEqual([expect.objectContaining({ message: 'teapot' }), expect.objectContaining({ code: 'ERR_UNAVAILABLE' })])
  })

  test('is told to onCommitError, where there is one, in place of the application', async () => {
    const told: unknown[] = []
    const options = { onCommitError: (error: unknown, ctx: { path: string }) => told.push([ctx.path, error]) }
    const { router, failWrites, errors, serve } = shopApp(Koa, { options })
    failWrites()
    router.get('/', change, () => {
      throw new Error('broken')
    })
    expect((await (await serve()).request('/')).status).toBe(503)
    expect(errors).toEqual([expect.objectContaining({ message: 'broken' })])
    expect(told).toEqual([['/', expect.objectContaining({ code: 'ERR_UNAVAILABLE' })]])
  })

  test('lets go of the stream that nobody will read', async () => {
    const { router, serve } = failing()
    const { promise: closed, resolve: close } = deferred()
    const body = new Readable({ read() {} }).once('close', close)
    router.post('/endless', (ctx) => void (ctx.body = body))
    expect((await (await serve()).request('/endless', { method: 'POST' })).status).toBe(503)
    await closed
  })

  test('leaves the cookie of another manager’s session, which was saved', async () => {
    const customers = shop({ name: '__Host-customer' })
    const { app, sessions, router, failWrites, serve } = shopApp(Koa, { made: shop({ name: '__Host-staff' }) })
    app.use(sessionMiddleware(customers.sessions))
    failWrites()
    router.post('/', async (ctx) => {
      ;(await getSession(ctx, sessions)).data.user = 'bob'
      ;(await getSession(ctx, customers.sessions)).data.user = 'ann'
      ctx.body = ''
    })
    const answer = await (await serve()).request('/', { method: 'POST' })
    expect(await seen(answer)).toEqual(unavailable)
    expect(answer.headers.getSetCookie()).toEqual([expect.stringContaining('__Host-customer=')])
  })

  test('is thrown as it is, also where a time-out has answered meanwhile', async () => {
    const { promise: timedOut, resolve: timeOut } = deferred()
    const { promise: thrown, resolve: catchError } = deferred<unknown>()
    const { router, store, serve } = shopApp(Koa, {
      upstream: async (ctx, next) => {
        await Promise.race([next().catch(catchError), timedOut])
        ctx.status = 504
        ctx.body = 'too slow'
      },
    })
    store.fault = async ({ method }) => {
      if (method !== 'put') return undefined
      timeOut()
      await new Promise((resolve) => setTimeout(resolve, 20))
      return 'fail'
    }
    router.get('/', change, (ctx) => void (ctx.body = 'hello'))
    expect((await (await serve()).request('/')).status).toBeGreaterThanOrEqual(503)
    expect(await thrown).toMatchObject({ code: 'ERR_UNAVAILABLE' })
  })

  test('save() meets the error in place, and the handler answers as it likes', async () => {
    const { router, failWrites, serve } = shopApp(Koa)
    failWrites()
    router.post('/', async (ctx) => {
      const session = await getSession(ctx)
      session.data.user = 'ann'
      try {
        await session.save()
        ctx.body = 'signed in'
      } catch {
        session.discard()
        ctx.status = 202
        ctx.body = 'later, please'
      }
    })
    expect(await seen(await (await serve()).request('/', { method: 'POST' }))).toEqual([202, null, 'later, please'])
  })
})

describe.each(koas)('a load that fails, on Koa $version', ({ Koa }) => {
  const down = async (...args: Parameters<typeof shopApp> extends [unknown, ...infer Rest] ? Rest : never) => {
    const app = shopApp(Koa, ...args)
    const { cookie } = await app.sessions.create({ cart: [] })
    app.store.fault = () => 'fail'
    return { ...app, headers: { cookie } }
  }

  test('is 503 with Retry-After, and changes no cookie', async () => {
    const { headers, errors, serve } = await down()
    const answer = await (await serve()).request('/who', { headers })
    expect(await seen(answer)).toEqual(unavailable)
    expect(answer.headers.has('set-cookie')).toBe(false)
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_UNAVAILABLE' })])
  })

  test('is 503 with Retry-After before the handlers where the session is eager', async () => {
    const { headers, router, serve } = await down({ options: { eager: true } })
    router.get('/plain', (ctx) => void (ctx.body = 'plain'))
    expect(await seen(await (await serve()).request('/plain', { headers }))).toEqual(unavailable)
  })

  test('keeps Retry-After on the page of a middleware before it', async () => {
    const { headers, serve } = await down({
      upstream: async (ctx, next) => {
        await next().catch((error: { status: number }) => {
          ctx.status = error.status
          ctx.body = 'own page'
        })
      },
    })
    expect(await seen(await (await serve()).request('/who', { headers }))).toEqual([503, '1', 'own page'])
  })

  test('leaves the handler its answer where it catches the error', async () => {
    const { headers, router, serve } = await down()
    router.get('/', async (ctx) => {
      ctx.body = await getSession(ctx).then(
        () => 'found',
        () => 'not now',
      )
    })
    expect(await seen(await (await serve()).request('/', { headers }))).toEqual([200, null, 'not now'])
  })

  test('does not end the process where the session is awaited later, or never', async () => {
    const { headers, router, serve } = await down()
    router.get('/later', async (ctx) => {
      const pending = getSession(ctx)
      await new Promise((resolve) => setTimeout(resolve, 20))
      ctx.body = (await pending).outcome
    })
    router.get('/never', (ctx) => {
      void getSession(ctx)
      ctx.body = 'hello'
    })
    const ann = await serve()
    // vitest fails the run for a rejection that nobody has handled.
    expect(await seen(await ann.request('/later', { headers }))).toEqual(unavailable)
    expect(await seen(await ann.request('/never', { headers }))).toEqual([200, null, 'hello'])
  })
})

test('a commit that fails lets go of the web streams that Koa 3 takes as a body', async () => {
  const [, { Koa }] = koas
  const { router, failWrites, serve } = shopApp(Koa)
  failWrites()
  const cancelled: string[] = []
  const body = (name: string) => new ReadableStream({ cancel: () => void cancelled.push(name) })
  router.use(change)
  router.get('/stream', (ctx) => void (ctx.body = body('stream')))
  router.get('/response', (ctx) => void (ctx.body = new Response(body('response'), { headers: { 'X-Theirs': 'yes' } })))
  const ann = await serve()
  expect(await seen(await ann.request('/stream'))).toEqual(unavailable)
  expect(await seen(await ann.request('/response'))).toEqual(unavailable)
  expect(cancelled).toEqual(['stream', 'response'])
})
