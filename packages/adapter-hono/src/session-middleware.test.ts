import { browser, shop } from '@holdfast/test-shop'
import { Hono } from 'hono'
import { compress } from 'hono/compress'
import { setCookie } from 'hono/cookie'
import { cors } from 'hono/cors'
import { HTTPException } from 'hono/http-exception'
import { describe, expect, test } from 'vitest'
import { getSession, sessionMiddleware } from './index.ts'

/** An application whose `/who` tells who is signed in. */
function shopApp(made = shop()) {
  const { sessions } = made
  const app = new Hono().use(sessionMiddleware(sessions)).get('/who', async (c) => c.text((await getSession(c)).data.user ?? 'nobody'))
  return { ...made, app }
}

describe('a change is saved, and the answer is the handler’s, when the handler', () => {
  const { app } = shopApp()
  const change = async (c: Parameters<typeof getSession>[0]): Promise<void> => {
    ;((await getSession(c)).data as { user?: string }).user = 'ann'
  }
  app.post('/throws-http', async (c) => {
    await change(c)
    throw new HTTPException(418, { message: 'teapot' })
  })
  app.post('/throws', async (c) => {
    await change(c)
    throw new Error('broken')
  })
  app.post('/not-found', async (c) => {
    await change(c)
    return c.notFound()
  })
  app.post('/redirects', async (c) => {
    await change(c)
    return c.redirect('/who', 303)
  })
  app.post('/redirects-raw', async (c) => {
    await change(c)
    return Response.redirect('http://localhost/who', 303)
  })
  app.post('/empty', async (c) => {
    await change(c)
    return c.body(null, 204)
  })
  app.get('/not-modified', async (c) => {
    await change(c)
    return c.body(null, 304)
  })
  app.get('/read', async (c) => {
    await change(c)
    return c.text('hello')
  })
  app.use('/next/*', async (c, next) => {
    await change(c)
    await next()
  })
  app.onError((error, c) => (error instanceof HTTPException ? error.getResponse() : c.text('sorry', 500)))

  const cases: [string, string, string, number][] = [
    ['throws an HTTPException', 'POST', '/throws-http', 418],
    ['throws an Error', 'POST', '/throws', 500],
    ['answers notFound()', 'POST', '/not-found', 404],
    ['is not there', 'POST', '/next/nowhere', 404],
    ['redirects', 'POST', '/redirects', 303],
    ['answers an immutable Response', 'POST', '/redirects-raw', 303],
    ['has no content', 'POST', '/empty', 204],
    ['says 304', 'GET', '/not-modified', 304],
    ['answers HEAD', 'HEAD', '/read', 200],
  ]
  test.each(cases)('S30: %s', async (_, method, path, status) => {
    const ann = browser(app.request)
    const answer = await ann.request(path, { method })
    expect(answer.status).toBe(status)
    expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-session=.*; HttpOnly; SameSite=Lax; Secure$/)])
    expect(answer.headers.get('vary')).toBe('Cookie')
    expect(answer.headers.get('cache-control')).toBe('private, no-cache')
    expect(await (await ann.request('/who')).text()).toBe('ann')
  })
})

test('what is thrown and is no Error ends in no answer: nothing is saved, since no cookie could be sent', async () => {
  const { app, keys } = shopApp()
  app.post('/', async (c) => {
    ;(await getSession(c)).data.user = 'ann'
    // oxlint-disable-next-line typescript/only-throw-error -- as some do
    throw 'text'
  })
  await expect(app.request('/', { method: 'POST' })).rejects.toBe('text')
  expect(keys()).toBe(0)
})

test('S30: a Response of another server keeps its headers and cookies, and gets ours', async () => {
  const { app } = shopApp()
  app.get('/proxied', async (c) => {
    ;(await getSession(c)).data.user = 'ann'
    const answer = new Response('body', { status: 203, headers: { Vary: 'Accept', 'Cache-Control': 'no-store', 'Set-Cookie': 'theirs=1' } })
    Object.defineProperty(answer, 'headers', { value: immutable(answer.headers) })
    return answer
  })
  const answer = await app.request('/proxied')
  expect(answer.status).toBe(203)
  expect(await answer.text()).toBe('body')
  expect(answer.headers.get('vary')).toBe('Accept, Cookie')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(answer.headers.getSetCookie()).toEqual(['theirs=1', expect.stringContaining('__Host-session=')])
})

/** Headers as `fetch` gives them. */
function immutable(headers: Headers): Headers {
  const refuse = (): never => {
    throw new TypeError('immutable')
  }
  return Object.assign(headers, { set: refuse, append: refuse, delete: refuse })
}

test('a Response that the application keeps and answers again never carries one person’s cookie to another', async () => {
  const { app } = shopApp()
  const done = new Response(null, { status: 204 })
  app.post('/sign-in', async (c) => {
    const session = await getSession(c)
    session.data.user = 'ann'
    session.regenerate({ subject: 'ann' })
    return done
  })
  app.get('/done', () => done)
  expect((await app.request('/sign-in', { method: 'POST' })).headers.getSetCookie()).toHaveLength(1)
  expect((await app.request('/sign-in', { method: 'POST' })).headers.getSetCookie()).toHaveLength(1)
  expect((await app.request('/done')).headers.getSetCookie()).toEqual([])
})

test('cookies of the application are kept beside ours', async () => {
  const { app } = shopApp()
  app.post('/', async (c) => {
    setCookie(c, 'theme', 'dark')
    ;(await getSession(c)).data.user = 'ann'
    c.header('Cache-Control', 'private, max-age=60')
    return c.text('')
  })
  const answer = await app.request('/', { method: 'POST' })
  expect(answer.headers.getSetCookie()).toEqual(['theme=dark; Path=/', expect.stringContaining('__Host-session=')])
  expect(answer.headers.get('cache-control')).toBe('private, max-age=60')
})

describe('a commit that fails', () => {
  function failing() {
    const { app, failWrites } = shopApp()
    app.use(cors({ origin: 'https://app.test', credentials: true }))
    app.post('/sign-in', async (c) => {
      const session = await getSession(c)
      session.data.user = 'ann'
      setCookie(c, 'signed-in', 'yes')
      c.header('Clear-Site-Data', '"cache"')
      c.header('ETag', '"1"')
      return c.redirect('/', 303)
    })
    app.post('/download', async (c) => {
      ;(await getSession(c)).data.user = 'ann'
      return c.body('12345', 201, { 'Content-Length': '5', 'Content-Type': 'image/png', 'Content-Encoding': 'identity' })
    })
    failWrites()
    return app
  }

  test.each(['/sign-in', '/download'])('is 503 with Retry-After, and nothing of the handler’s answer to %s', async (path) => {
    const answer = await failing().request(path, { method: 'POST', headers: { origin: 'https://app.test' } })
    expect(answer.status).toBe(503)
    expect(await answer.text()).toBe('The session store is unavailable. Try again.')
    expect(Object.fromEntries(answer.headers)).toEqual({
      'access-control-allow-credentials': 'true',
      'access-control-allow-origin': 'https://app.test',
      'cache-control': 'no-store',
      'content-type': 'text/plain;charset=UTF-8',
      'retry-after': '1',
      vary: 'Origin',
    })
  })

  test('goes through onError, which may set headers, and is a 503 if that says nothing else', async () => {
    const app = failing().onError((error, c) => {
      c.header('X-Error', error.name)
      return c.json({ error: 'try again' })
    })
    const answer = await app.request('/download', { method: 'POST' })
    expect(answer.status).toBe(503)
    expect(await answer.json()).toEqual({ error: 'try again' })
    expect(answer.headers.get('x-error')).toBe('SessionError')
    expect(answer.headers.has('content-length')).toBe(false)
    expect(answer.headers.getSetCookie()).toEqual([])
  })

  test('goes through the onError of the sub-application that the middleware is in', async () => {
    const { sessions, failWrites } = shop()
    failWrites()
    const api = new Hono()
      .use(sessionMiddleware(sessions))
      .post('/', async (c) => {
        ;(await getSession(c)).data.user = 'ann'
        return c.text('done')
      })
      .onError((_, c) => c.text('api: sorry', 503))
    const answer = await new Hono().route('/api', api).request('/api', { method: 'POST' })
    expect([answer.status, await answer.text()]).toEqual([503, 'api: sorry'])
  })

  test('lets go of the stream that nobody will read', async () => {
    const { app, failWrites } = shopApp()
    failWrites()
    await new Promise<void>((cancelled) => {
      app.get('/', async (c) => {
        ;(await getSession(c)).data.user = 'ann'
        return c.body(new ReadableStream({ cancel: () => cancelled() }))
      })
      void app.request('/')
    })
  })

  test('leaves the cookie of another manager’s session, which was saved', async () => {
    const customers = shop({ name: '__Host-customer' })
    const staff = shop({ name: '__Host-staff' })
    const app = new Hono()
      .use(sessionMiddleware(staff.sessions))
      .use(sessionMiddleware(customers.sessions))
      .post('/', async (c) => {
        ;(await getSession(c, staff.sessions)).data.user = 'bob'
        ;(await getSession(c, customers.sessions)).data.user = 'ann'
        return c.text('')
      })
    staff.failWrites()
    const answer = await app.request('/', { method: 'POST' })
    expect(answer.status).toBe(503)
    expect(answer.headers.getSetCookie()).toEqual([expect.stringContaining('__Host-customer=')])
  })
})

test('save() meets the error in place, and the handler answers as it likes', async () => {
  const { app, failWrites } = shopApp()
  failWrites()
  app.post('/', async (c) => {
    const session = await getSession(c)
    session.data.user = 'ann'
    try {
      await session.save()
    } catch {
      session.discard()
      return c.text('later, please', 202)
    }
    return c.text('signed in')
  })
  const answer = await app.request('/', { method: 'POST' })
  expect([answer.status, await answer.text()]).toEqual([202, 'later, please'])
})

test('middleware around it keeps the session’s headers', async () => {
  const { sessions } = shop()
  const app = new Hono()
    .use(compress())
    .use(async (c, next) => {
      await next()
      c.header('X-Around', 'yes')
    })
    .use(sessionMiddleware(sessions))
    .post('/', async (c) => {
      ;(await getSession(c)).data.user = 'ann'
      return c.text('long '.repeat(1000))
    })
  const answer = await app.request('/', { method: 'POST', headers: { 'accept-encoding': 'gzip' } })
  expect(answer.headers.get('content-encoding')).toBe('gzip')
  expect(answer.headers.get('x-around')).toBe('yes')
  expect(answer.headers.getSetCookie()).toHaveLength(1)
})

test('requests that the application makes to itself have the cookies they were given, and no others', async () => {
  const { app } = shopApp()
  app.get('/inside', async (c) => c.text(await (await app.request('/who', {}, c.env as object)).text()))
  app.mount('/mounted', app.fetch)
  const ann = browser(app.request)
  app.post('/sign-in', async (c) => {
    ;(await getSession(c)).data.user = 'ann'
    return c.text('')
  })
  await ann.request('/sign-in', { method: 'POST' })
  expect(await (await ann.request('/inside')).text()).toBe('nobody')
  expect(await (await ann.request('/mounted/who')).text()).toBe('ann')
})

describe("cookie: { secure: 'auto' }", () => {
  const signIn = async (url: string, secure?: Parameters<typeof sessionMiddleware>[1], headers = {}): Promise<string> => {
    const app = new Hono().use(sessionMiddleware(shop({ secure: 'auto' }).sessions, secure)).post('/', async (c) => {
      ;((await getSession(c)).data as { user?: string }).user = 'ann'
      return c.text('')
    })
    return (await app.request(url, { method: 'POST', headers })).headers.get('set-cookie') ?? ''
  }
  const behindProxy = {
    secure: (c: { req: { header(name: string): string | undefined } }) => c.req.header('x-forwarded-proto') === 'https',
  }

  test('goes by the URL', async () => {
    expect(await signIn('http://shop.test/')).not.toContain('Secure')
    expect(await signIn('https://shop.test/')).toContain('; Secure')
  })
  test('believes x-forwarded-proto only where it is told to', async () => {
    expect(await signIn('http://shop.test/', undefined, { 'x-forwarded-proto': 'https' })).not.toContain('Secure')
    expect(await signIn('http://shop.test/', behindProxy, { 'x-forwarded-proto': 'https' })).toContain('; Secure')
    expect(await signIn('http://shop.test/', behindProxy, { 'x-forwarded-proto': 'http' })).not.toContain('Secure')
  })
})

test('a request that never asks for its session costs no store call and gets no header', async () => {
  const { app, sessions, store } = shopApp()
  app.get('/plain', (c) => c.text('plain'))
  const { cookie } = await sessions.create({ cart: [] })
  store.calls.length = 0
  const answer = await app.request('/plain', { headers: { cookie } })
  expect(store.calls).toEqual([])
  expect([...answer.headers.keys()]).toEqual(['content-type'])
})

test('S23: 10,000 anonymous and forged requests make no key and cost no store call', async () => {
  const { app, sessions, store, keys } = shopApp()
  const { cookie } = await sessions.create({ cart: [] })
  store.calls.length = 0
  for (let count = 0; count < 10_000; count++) {
    const forged = `${cookie.slice(0, -8)}${count.toString(36).padStart(8, '_')}`
    const answer = await app.request('/who', count % 2 === 0 ? {} : { headers: { cookie: forged } })
    expect(answer.headers.has('set-cookie')).toBe(false)
  }
  expect(store.calls).toEqual([])
  expect(keys()).toBe(1)
})
