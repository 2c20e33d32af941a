import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import { onSessionEvent, type SessionEvents } from '@holdfast/core'
import { browser, deferred, shop, type Shop } from '@holdfast/test-shop'
import { upgradeWebSocket } from '@hono/node-server'
import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import { proxy } from 'hono/proxy'
import { stream, streamSSE } from 'hono/streaming'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { serveApp } from '../testing/serve-app.ts'
import { getSession, sessionMiddleware, type SessionEnv } from './index.ts'

/** An application with sign-in and sign-out. */
function shopApp(made = shop()) {
  const app = new Hono()
    .use(sessionMiddleware(made.sessions))
    .get('/who', async (c) => c.text((await getSession(c)).data.user ?? 'nobody'))
    .post('/sign-in', async (c) => {
      const session = await getSession(c)
      session.data.user = 'ann'
      session.regenerate({ subject: 'ann' })
      return c.redirect('/who', 303)
    })
    .post('/sign-out', async (c) => {
      ;(await getSession(c)).destroy()
      return c.text('bye')
    })
  return { ...made, app }
}

const change = createMiddleware<SessionEnv<Shop>>(async (c, next) => {
  ;(await getSession(c)).data.user = 'ann'
  await next()
})

/** Reads what a server answers to these lines, byte for byte. */
async function exchange(origin: string, lines: string[]): Promise<string> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  socket.end(Buffer.from([...lines, 'Host: shop.test', 'Connection: close', '', ''].join('\r\n'), 'latin1'))
  return text(socket)
}

test('signs in and out, and the old cookies open nothing', async () => {
  const { app } = shopApp()
  const origin = await serveApp(app)
  const ann = browser(origin)
  expect((await ann.request('/sign-in', { method: 'POST' })).status).toBe(303)
  const { cookie } = ann
  expect(await (await ann.request('/who')).text()).toBe('ann')
  expect(await (await ann.request('/sign-out', { method: 'POST' })).text()).toBe('bye')
  expect(ann.jar.size).toBe(0)
  expect(await (await ann.request('/who', { headers: { cookie } })).text()).toBe('nobody')
})

describe('an answer that is streamed', () => {
  test('is saved before its first byte', async () => {
    const { app, keys } = shopApp()
    const { promise: headersRead, resolve: readHeaders } = deferred()
    app.get('/', change, (c) =>
      stream(c, async (out) => {
        await out.write('first')
        await headersRead
        await out.write(' last')
      }),
    )
    const answer = await fetch(await serveApp(app))
    expect(answer.headers.getSetCookie()).toHaveLength(1)
    expect(keys()).toBe(1)
    readHeaders()
    expect(await answer.text()).toBe('first last')
  })

  test('is saved before its first event', async () => {
    const { app } = shopApp()
    app.get('/events', change, (c) => streamSSE(c, async (events) => events.writeSSE({ data: 'hello' })))
    const origin = await serveApp(app)
    const ann = browser(origin)
    const answer = await ann.request('/events')
    expect(answer.headers.get('content-type')).toBe('text/event-stream')
    expect(await answer.text()).toBe('data: hello\n\n')
    expect(await (await ann.request('/who')).text()).toBe('ann')
  })

  test('may not change the session any more: a method throws, and a plain change is reported once', async () => {
    const { app } = shopApp()
    const errors: unknown[] = []
    const events: SessionEvents['late-change'][] = []
    const reported = new Promise<void>((resolve) => {
      onTestFinished(
        onSessionEvent('late-change', (event) => {
          events.push(event)
          resolve()
        }),
      )
    })
    let id: string | undefined
    const { promise: firstByteRead, resolve: readFirstByte } = deferred()
    app.get('/', async (c) => {
      const session = await getSession(c)
      session.data.user = 'ann'
      ;({ id } = session)
      return stream(c, async (out) => {
        await out.write('first')
        await firstByteRead
        session.data.cart.push('late')
        try {
          session.update((data) => void data.cart.push('later'))
        } catch (error) {
          errors.push(error)
        }
      })
    })
    const origin = await serveApp(app)
    const answer = await fetch(origin)
    readFirstByte()
    await answer.text()
    await reported
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_COMMITTED' })])
    expect(events).toEqual([{ id }])
  })

  test('may not open a session that nothing could save any more', async () => {
    const { app, keys } = shopApp()
    app.get('/', (c) =>
      stream(c, async (out) => {
        await setImmediate()
        const session = await getSession(c)
        try {
          session.regenerate()
        } catch (error) {
          await out.write((error as { code: string }).code)
        }
      }),
    )
    const answer = await fetch(await serveApp(app))
    expect(await answer.text()).toBe('ERR_COMMITTED')
    expect(keys()).toBe(0)
  })
})

test('S30: what another server answered keeps its status, body and headers', async () => {
  const theirs = new Hono().get('/', (c) => {
    c.header('Set-Cookie', 'a=1', { append: true })
    c.header('Set-Cookie', 'b=2', { append: true })
    return c.text('theirs', 203, { Vary: 'Accept', 'Cache-Control': 'private, max-age=9' })
  })
  const origin = await serveApp(theirs)
  const { app } = shopApp()
  app.get('/fetched', change, () => fetch(origin)).get('/proxied', change, () => proxy(origin))
  const ours = await serveApp(app)
  for (const path of ['/fetched', '/proxied']) {
    const answer = await fetch(`${ours}${path}`)
    expect([answer.status, await answer.text()]).toEqual([203, 'theirs'])
    expect(answer.headers.get('vary')).toBe('Accept, Cookie')
    expect(answer.headers.get('cache-control')).toBe('private, max-age=9')
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2', expect.stringContaining('__Host-session=')])
  }
})

test('a Response that the application keeps never carries one person’s cookie to another', async () => {
  const { app } = shopApp()
  const done = new Response(null, { status: 204 })
  app.post('/done', change, () => done).get('/done', () => done)
  const origin = await serveApp(app)
  expect((await fetch(`${origin}/done`, { method: 'POST' })).headers.getSetCookie()).toHaveLength(1)
  const answer = await fetch(`${origin}/done`)
  expect([answer.status, answer.headers.getSetCookie()]).toEqual([204, []])
})

test('a commit that fails is 503 with Retry-After on the wire, with nothing of the redirect', async () => {
  const { app, failWrites } = shopApp()
  failWrites()
  const answer = await fetch(`${await serveApp(app)}/sign-in`, { method: 'POST', redirect: 'manual' })
  expect(answer.status).toBe(503)
  expect(answer.headers.get('retry-after')).toBe('1')
  expect(answer.headers.has('location')).toBe(false)
  expect(answer.headers.getSetCookie()).toEqual([])
  expect(await answer.text()).toBe('The session store is unavailable. Try again.')
})

test('HEAD gets the headers of GET, and no body', async () => {
  const { app } = shopApp()
  app.get('/', change, (c) => c.text('hello'))
  const answer = await exchange(await serveApp(app), ['HEAD / HTTP/1.1'])
  expect(answer).toMatch(/^HTTP\/1.1 200 /)
  expect(answer.match(/^set-cookie: __Host-session=/gim)).toHaveLength(1)
  expect(answer).toMatch(/\r\n\r\n$/)
})

describe('the Cookie header', () => {
  test('S15: neither U+00A0 nor a nameless cookie shadows the session’s', async () => {
    const { app, sessions } = shopApp()
    const { cookie } = await sessions.create({ user: 'ann', cart: [] })
    const origin = await serveApp(app)
    const bad = '__Host-session=bad'
    for (const shadow of [`\u00a0${bad}`, `=${bad}`, `\u00a0=${bad}`, `__Host-session\u00a0=bad`]) {
      for (const header of [`${shadow}; ${cookie}`, `${cookie}; ${shadow}`]) {
        expect(await exchange(origin, ['GET /who HTTP/1.1', `Cookie: ${header}`])).toMatch(/\r\n\r\nann$/)
      }
      expect(await exchange(origin, ['GET /who HTTP/1.1', `Cookie: ${shadow}`])).toMatch(/\r\n\r\nnobody$/)
    }
  })

  test('S14: may come in several lines', async () => {
    const { app, sessions } = shopApp()
    const { cookie } = await sessions.create({ user: 'ann', cart: [] })
    expect(await exchange(await serveApp(app), ['GET /who HTTP/1.1', 'Cookie: a=1', `Cookie: ${cookie}`, 'Cookie: b=2'])).toMatch(/ann$/)
  })
})

test('a WebSocket is upgraded with the session of its handshake, and a cookie if that changed', async () => {
  const { app, sessions } = shopApp()
  app.get(
    '/socket',
    upgradeWebSocket(async (c) => {
      const session = await getSession(c, sessions)
      session.data.cart.push('seen')
      return { onMessage: (message, socket) => socket.send(`${session.data.user ?? 'nobody'}: ${String(message.data)}`) }
    }),
  )
  app.get(
    '/plain-socket',
    upgradeWebSocket(() => ({ onMessage: (message, socket) => socket.send(String(message.data)) })),
  )
  const origin = await serveApp({ fetch: app.fetch, websocket: { server: new WebSocketServer({ noServer: true }) as never } })
  const { cookie } = await sessions.create({ user: 'ann', cart: [] })

  const talk = async (path: string, headers: Record<string, string>) => {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}${path}`, { headers })
    onTestFinished(() => socket.terminate())
    const [[upgrade]] = await Promise.all([once(socket, 'upgrade'), once(socket, 'open')])
    socket.send('hi')
    const [reply] = await once(socket, 'message')
    return { reply: String(reply), cookies: (upgrade as { headers: { 'set-cookie'?: string[] } }).headers['set-cookie'] ?? [] }
  }
  expect(await talk('/socket', { cookie })).toEqual({ reply: 'ann: hi', cookies: [] })
  expect(await talk('/socket', {})).toEqual({ reply: 'nobody: hi', cookies: [expect.stringContaining('__Host-session=')] })
  expect(await talk('/plain-socket', {})).toEqual({ reply: 'hi', cookies: [] })
})
