import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { onSessionEvent } from '@holdfast/core'
import { deferred, shop } from '@holdfast/test-shop'
import { describe, expect, onTestFinished, test } from 'vitest'
import { koas } from '../testing/koas.ts'
import { change, shopApp } from '../testing/shop-app.ts'
import { getSession, sessionMiddleware, type MiddlewareOptions } from './index.ts'

describe.each(koas)('on Koa $version', ({ Koa }) => {
  test('signs in and out, and the old cookies open nothing', async () => {
    const { router, serve } = shopApp(Koa)
    router.post('/sign-in', async (ctx) => {
      const session = await getSession(ctx)
      session.data.user = 'ann'
      session.regenerate({ subject: 'ann' })
      ctx.status = 303
      ctx.redirect('/who')
    })
    router.post('/sign-out', async (ctx) => {
      ;(await getSession(ctx)).destroy()
      ctx.body = 'bye'
    })
    const ann = await serve()
    expect((await ann.request('/sign-in', { method: 'POST' })).status).toBe(303)
    const { cookie } = ann
    expect(await (await ann.request('/who')).text()).toBe('ann')
    expect(await (await ann.request('/sign-out', { method: 'POST' })).text()).toBe('bye')
    expect(ann.jar.size).toBe(0)
    expect(await (await ann.request('/who', { headers: { cookie } })).text()).toBe('nobody')
  })

  describe('a change is saved, and the answer is the handler’s, when the handler', () => {
    const cases: [name: string, method: string, path: string, status: number, body: string][] = [
      ['throws by ctx.throw()', 'POST', '/throws-http', 418, 'teapot'],
      ['throws an Error', 'POST', '/throws', 500, 'Internal Server Error'],
      ['throws what is no Error', 'POST', '/throws-text', 500, 'Internal Server Error'],
      ['answers nothing', 'POST', '/not-found', 404, 'Not Found'],
      ['redirects', 'POST', '/redirects', 303, 'Redirecting to /who.'],
      ['redirects as Koa does by default', 'POST', '/redirects-302', 302, 'Redirecting to /who.'],
      ['has no content', 'POST', '/empty', 204, ''],
      ['says 304', 'GET', '/not-modified', 304, ''],
      ['answers HEAD', 'HEAD', '/read', 200, ''],
      ['answers text', 'GET', '/read', 200, 'hello'],
      ['answers JSON', 'GET', '/json', 200, '{"hello":"ann"}'],
      ['answers bytes', 'GET', '/bytes', 200, 'bytes'],
      ['answers a stream', 'GET', '/stream', 200, 'first last'],
      ['answers a stream to HEAD', 'HEAD', '/stream', 200, ''],
    ]
    test.each(cases)('S30: %s', async (_, method, path, status, body) => {
      const { router, serve } = shopApp(Koa)
      router
        .use(async (ctx, next) => (ctx.path === '/who' ? next() : change(ctx, next)))
        .post('/throws-http', (ctx) => ctx.throw(418, 'teapot'))
        .post('/throws', () => {
          throw new Error('broken')
        })
        .post('/throws-text', () => {
          // oxlint-disable-next-line typescript/only-throw-error -- as some do
          throw 'text'
        })
        .post('/not-found', () => {})
        .post('/redirects', (ctx) => {
          ctx.status = 303
          ctx.redirect('/who')
        })
        .post('/redirects-302', (ctx) => ctx.redirect('/who'))
        .post('/empty', (ctx) => void (ctx.body = null))
        .get('/not-modified', (ctx) => void (ctx.status = 304))
        .get('/read', (ctx) => void (ctx.body = 'hello'))
        .get('/json', (ctx) => void (ctx.body = { hello: 'ann' }))
        .get('/bytes', (ctx) => void (ctx.body = Buffer.from('bytes')))
        .get('/stream', (ctx) => void (ctx.body = Readable.from(['first', ' last'])))
      const ann = await serve()
      const answer = await ann.request(path, { method, headers: { accept: 'text/plain' } })
      expect([answer.status, await answer.text()]).toEqual([status, body])
      expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-session=.*; HttpOnly; SameSite=Lax; Secure$/)])
      expect(answer.headers.get('vary')).toBe('Cookie')
      expect(answer.headers.get('cache-control')).toBe('private, no-cache')
      expect(await (await ann.request('/who')).text()).toBe('ann')
    })
  })

  test('an onerror of the application’s own keeps the cookie', async () => {
    const { app, router, serve } = shopApp(Koa)
    function onerror(this: { readonly res: ServerResponse }, error: Error | null): void {
      if (error === null) return
      for (const name of this.res.getHeaderNames()) this.res.removeHeader(name)
      this.res.statusCode = 400
      this.res.end(`own page: ${error.message}`)
    }
    Object.assign(app.context, { onerror })
    router.post('/', change, () => {
      throw new Error('broken')
    })
    const ann = await serve()
    const answer = await ann.request('/', { method: 'POST' })
    expect([answer.status, await answer.text()]).toEqual([400, 'own page: broken'])
    expect(await (await ann.request('/who')).text()).toBe('ann')
  })

  test('cookies of the application are kept beside ours, and so is a stricter Cache-Control', async () => {
    const { router, serve } = shopApp(Koa)
    router.post('/', change, (ctx) => {
      ctx.cookies.set('theme', 'dark', { httpOnly: false })
      ctx.set('Cache-Control', 'private, max-age=60')
      ctx.set('Vary', 'Accept')
      ctx.body = ''
    })
    const answer = await (await serve()).request('/', { method: 'POST' })
    expect(answer.headers.getSetCookie()).toEqual(['theme=dark; path=/', expect.stringContaining('__Host-session=')])
    expect(answer.headers.get('cache-control')).toBe('private, max-age=60')
    expect(answer.headers.get('vary')).toBe('Accept, Cookie')
  })

  test('middleware around it that makes another body of the answer keeps the session’s headers', async () => {
    const { router, serve } = shopApp(Koa, {
      upstream: async (ctx, next) => {
        await next()
        ctx.set('Content-Encoding', 'gzip')
        ctx.body = Readable.from([ctx.body]).pipe(createGzip())
      },
    })
    router.post('/', change, (ctx) => void (ctx.body = 'long '.repeat(1000)))
    const answer = await (await serve()).request('/', { method: 'POST' })
    expect(await answer.text()).toBe('long '.repeat(1000))
    expect(answer.headers.getSetCookie()).toHaveLength(1)
  })

  test('middleware around it that says 304 keeps the session’s headers', async () => {
    const { router, serve } = shopApp(Koa, {
      upstream: async (ctx, next) => {
        await next()
        ctx.etag = 'v1'
        if (ctx.fresh) ctx.status = 304
      },
    })
    router.get('/', change, (ctx) => void (ctx.body = 'hello'))
    const answer = await (await serve()).request('/', { headers: { 'if-none-match': '"v1"', 'cache-control': 'max-age=0' } })
    expect(answer.status).toBe(304)
    expect(answer.headers.getSetCookie()).toHaveLength(1)
  })

  describe('an answer that is streamed', () => {
    test('is saved before its first byte', async () => {
      const { router, keys, serve } = shopApp(Koa)
      const { promise: headersRead, resolve: readHeaders } = deferred()
      router.get('/', change, (ctx) => {
        ctx.body = Readable.from(
          (async function* body() {
            yield 'first'
            await headersRead
            yield ' last'
          })(),
        )
      })
      const answer = await (await serve()).request('/')
      expect(answer.headers.getSetCookie()).toHaveLength(1)
      expect(keys()).toBe(1)
      readHeaders()
      expect(await answer.text()).toBe('first last')
    })

    // Koa 2 then answers 500, and Koa 3 cuts the connection.
    test('is saved also where it fails before its first byte', async () => {
      const { router, sessions, serve } = shopApp(Koa)
      router.get('/', change, (ctx) => {
        ctx.body = new Readable({
          read() {
            this.destroy(new Error('broken'))
          },
        })
      })
      const { cookie } = await sessions.create({ cart: [] })
      const ann = await serve()
      await ann.request('/', { headers: { cookie } }).catch(() => {})
      expect(await (await ann.request('/who', { headers: { cookie } })).text()).toBe('ann')
    })

    test('may not change the session any more: a method throws, and a plain change is reported once', async () => {
      const { router, serve } = shopApp(Koa)
      const events: unknown[] = []
      const reported = new Promise<void>((resolve) => {
        const stop = onSessionEvent('late-change', (event) => {
          events.push(event)
          resolve()
        })
        onTestFinished(stop)
      })
      const errors: unknown[] = []
      let id: string | undefined
      router.get('/', async (ctx) => {
        const session = await getSession(ctx)
        session.data.user = 'ann'
        ;({ id } = session)
        ctx.body = Readable.from(
          (async function* body() {
            yield 'first'
            session.data.cart.push('late')
            try {
              session.update((data) => void data.cart.push('later'))
            } catch (error) {
              errors.push(error)
            }
          })(),
        )
      })
      await (await (await serve()).request('/')).text()
      await reported
      expect(errors).toEqual([expect.objectContaining({ code: 'ERR_COMMITTED' })])
      expect(events).toEqual([{ id }])
    })
  })

  test('a session that is first asked for by middleware around it is saved too', async () => {
    const { sessions } = shop()
    const { router, serve } = shopApp(Koa, {
      made: { ...shop(), sessions },
      upstream: async (ctx, next) => {
        await next()
        if (ctx.path === '/') (await getSession(ctx, sessions)).data.user = 'ann'
      },
    })
    router.get('/', (ctx) => void (ctx.body = 'hello'))
    const ann = await serve()
    expect(await (await ann.request('/')).text()).toBe('hello')
    expect(await (await ann.request('/who')).text()).toBe('ann')
  })

  test('a request that never asks for its session costs no store call and gets no header', async () => {
    const { router, sessions, store, serve } = shopApp(Koa)
    router.get('/plain', (ctx) => void (ctx.body = 'plain'))
    const { cookie } = await sessions.create({ cart: [] })
    store.calls.length = 0
    const answer = await (await serve()).request('/plain', { headers: { cookie } })
    expect(store.calls).toEqual([])
    expect([...answer.headers.keys()].toSorted()).toEqual(['connection', 'content-length', 'content-type', 'date', 'keep-alive'])
  })

  test('S23: anonymous and forged requests make no key and cost no store call', async () => {
    const { sessions, store, keys, serve } = shopApp(Koa)
    const { cookie } = await sessions.create({ cart: [] })
    store.calls.length = 0
    const ann = await serve()
    for (let count = 0; count < 500; count++) {
      const forged = `${cookie.slice(0, -8)}${count.toString(36).padStart(8, '_')}`
      const answer = await ann.request('/who', count % 2 === 0 ? {} : { headers: { cookie: forged } })
      expect([await answer.text(), answer.headers.has('set-cookie')]).toEqual(['nobody', false])
    }
    expect(store.calls).toEqual([])
    expect(keys()).toBe(1)
  })

  describe("cookie: { secure: 'auto' }", () => {
    const signIn = async (proxy: boolean, headers: Record<string, string>, options?: MiddlewareOptions): Promise<string> => {
      const { app, router, serve } = shopApp(Koa, { made: shop({ secure: 'auto' }), ...(options && { options }) })
      app.proxy = proxy
      router.post('/', change, (ctx) => void (ctx.body = ''))
      return (await (await serve()).request('/', { method: 'POST', headers })).headers.get('set-cookie') ?? ''
    }
    const https = { 'x-forwarded-proto': 'https' }

    test('goes by ctx.secure, and so believes X-Forwarded-Proto only where app.proxy is set', async () => {
      expect(await signIn(false, {})).toMatch(/^session=.*SameSite=Lax$/)
      expect(await signIn(false, https)).not.toContain('Secure')
      expect(await signIn(true, https)).toContain('; Secure')
      expect(await signIn(true, { 'x-forwarded-proto': 'http' })).not.toContain('Secure')
    })

    test('goes by what it is told', async () => {
      const secure = { secure: (ctx: { get(name: string): string }) => ctx.get('x-scheme') === 'https' }
      expect(await signIn(false, { 'x-scheme': 'https' }, secure)).toContain('; Secure')
      expect(await signIn(true, https, secure)).not.toContain('Secure')
    })
  })
})

test('wrong options are told when the middleware is made', () => {
  const { sessions } = shop()
  expect(() => sessionMiddleware({} as typeof sessions)).toThrow('sessionMiddleware(sessions) is an object')
  expect(() => sessionMiddleware(sessions, { eager: 'yes' as never })).toThrow('eager is "yes"; it takes true or false')
  expect(() => sessionMiddleware(sessions, { secure: true as never })).toThrow('secure is true; it takes a function of the request')
})
