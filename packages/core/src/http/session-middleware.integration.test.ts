import compression from 'compression'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createSessions } from '../session/manager.ts'
import type { ManagerOptions } from '../session/options.ts'
import type { Session } from '../session/session.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { faultyStore, type StoreCall } from '../testing/faulty-store.ts'
import { listen } from '../testing/listen.ts'
import { getSession } from './get-session.ts'
import { sessionMiddleware } from './session-middleware.ts'

interface Data {
  visits: number
}

function world(options: Partial<ManagerOptions> = {}) {
  const store = faultyStore(memoryStore())
  const sessions = createSessions<Data>({
    store,
    secrets: ['x'.repeat(32)],
    initial: () => ({ visits: 0 }),
    operationTimeout: 50,
    requestTimeout: 100,
    ...options,
  })
  return { store, sessions, middleware: sessionMiddleware(sessions, { onCommitError: () => {} }) }
}

async function serve(app: Express): Promise<string> {
  const { url, close } = await listen(app.set('env', 'test'))
  onTestFinished(close)
  return url
}

async function changeInVain(session: Session<Data>): Promise<void> {
  session.data.visits += 1
  // Without this the answer's commit would try again, fail too, and answer in the handler's place.
  await session.save().finally(() => session.discard())
}

const ours = (answer: Response): string[] => answer.headers.getSetCookie().filter((line) => line.startsWith('__Host-session='))
const cookieOf = (answer: Response): string => ours(answer)[0]?.split(';', 1)[0] ?? ''

describe('sessionMiddleware under Express', () => {
  test('a session lives from one request to the next', async () => {
    const { sessions, middleware } = world()
    const app = express().use(middleware)
    app.post('/visits', async (req, res) => {
      const session = await getSession(req, sessions)
      session.update((data) => void (data.visits += 1))
      res.json(session.data)
    })
    const url = await serve(app)
    const first = await fetch(`${url}/visits`, { method: 'POST' })
    expect(await first.json()).toEqual({ visits: 1 })
    expect(ours(first)).toHaveLength(1)
    const second = await fetch(`${url}/visits`, { method: 'POST', headers: { cookie: cookieOf(first) } })
    expect(await second.json()).toEqual({ visits: 2 })
    expect(ours(second)).toEqual([])
  })

  test('a session that is awaited later does not end the process when its store has failed meanwhile', async () => {
    const { sessions, store, middleware } = world()
    const { cookie } = await sessions.create({ visits: 0 })
    const app = express().use(middleware)
    app.get('/', async (req, res) => {
      const pending = getSession(req, sessions)
      await new Promise((resolve) => setTimeout(resolve, 20))
      res.json((await pending).data)
    })
    store.fault = () => 'fail'
    // vitest fails the run for a rejection that nobody has handled.
    expect((await fetch(await serve(app), { headers: { cookie } })).status).toBe(503)
  })

  test('res.send, json, redirect, sendStatus, cookie, and a 304 by ETag carry the session’s headers', async () => {
    const { sessions, middleware } = world()
    const app = express()
      .use(middleware)
      .use(async (req, _, next) => {
        const session = await getSession(req, sessions)
        session.data.visits += 1
        next()
      })
    app.get('/send', (_, res) => void res.cookie('a', '1').send('text'))
    app.get('/json', (_, res) => void res.status(201).json({ a: 1 }))
    app.get('/redirect', (_, res) => res.redirect(303, '/there'))
    app.get('/status', (_, res) => void res.sendStatus(404))
    const url = await serve(app)
    for (const [path, status] of [
      ['/send', 200],
      ['/json', 201],
      ['/redirect', 303],
      ['/status', 404],
      ['/unknown', 404],
    ] as const) {
      const answer = await fetch(url + path, { redirect: 'manual' })
      expect([path, answer.status, ours(answer).length]).toEqual([path, status, 1])
    }
    const answer = await fetch(`${url}/send`)
    expect(answer.headers.getSetCookie()).toHaveLength(2)
    const etag = answer.headers.get('etag') as string
    const again = await fetch(`${url}/send`, { headers: { 'if-none-match': etag, 'cache-control': 'max-age=0' } })
    expect([again.status, ours(again).length]).toEqual([304, 1])
  })

  test('a handler that throws: what it changed is saved, and the error handler answers', async () => {
    const { sessions, middleware } = world()
    const app = express().use(middleware)
    app.get('/', async (req) => {
      const session = await getSession(req, sessions)
      session.data.visits = 7
      throw Object.assign(new Error('no tea'), { status: 418 })
    })
    const answer = await fetch(await serve(app))
    expect(answer.status).toBe(418)
    expect((await sessions.open(cookieOf(answer)).load()).data.visits).toBe(7)
  })

  const failing: [string, StoreCall['method'], (session: Promise<Session<Data>>) => Promise<void>][] = [
    ['load', 'get', async (session) => void (await session)],
    ['save', 'put', async (session) => changeInVain(await session)],
  ]
  test.each(failing)('an error page that forgets the error’s headers keeps Retry-After: %s', async (_, method, work) => {
    const { sessions, store, middleware } = world()
    const { cookie } = await sessions.create({ visits: 1 })
    const app = express().use(middleware)
    app.get('/:status', async (req) => work(getSession(req, sessions)))
    app.use(((_error, req, res, _next) => void res.status(Number(req.path.slice(1))).send('sorry')) satisfies ErrorRequestHandler)
    const url = await serve(app)
    store.fault = (call) => (call.method === method ? 'fail' : undefined)
    const retryAfter = async (status: number): Promise<[number, string | null]> => {
      const answer = await fetch(`${url}/${status}`, { headers: { cookie } })
      return [answer.status, answer.headers.get('retry-after')]
    }
    expect(await retryAfter(503)).toEqual([503, '1'])
    expect(await retryAfter(500)).toEqual([500, null])
  })

  test('a handler that answers 503 for a stand-in gets Retry-After; another status has none', async () => {
    const { sessions, store, middleware } = world({ onUnavailable: 'anonymous' })
    const { cookie } = await sessions.create({ visits: 1 })
    const app = express().use(middleware)
    app.get('/:status', async (req, res) => {
      const { outcome } = await getSession(req, sessions)
      res.status(Number(req.params.status)).send(outcome)
    })
    const url = await serve(app)
    store.fault = () => 'fail'
    for (const [status, retryAfter] of [
      [503, '1'],
      [200, null],
    ] as const) {
      const answer = await fetch(`${url}/${status}`, { headers: { cookie } })
      expect([answer.status, answer.headers.get('retry-after'), await answer.text()]).toEqual([status, retryAfter, 'unavailable'])
    }
  })

  test('the store is down: 503 with Retry-After by Express’s own error handling; other routes go on', async () => {
    const { sessions, store, middleware } = world()
    const { cookie } = await sessions.create({ visits: 1 })
    const app = express().use(middleware)
    app.get('/session', async (req, res) => void res.json((await getSession(req, sessions)).data))
    app.get('/static', (_, res) => void res.send('fine'))
    const url = await serve(app)
    store.fault = () => 'hang'
    const answer = await fetch(`${url}/session`, { headers: { cookie } })
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(await (await fetch(`${url}/static`, { headers: { cookie } })).text()).toBe('fine')
  })

  test('eager: the session stands on the request before the handlers, and a dead store fails the request', async () => {
    const { sessions, store } = world()
    const app = express().use(sessionMiddleware(sessions, { eager: true }))
    app.get('/', (req, res) => void res.json((req as unknown as { session: { data: Data } }).session.data))
    const url = await serve(app)
    const { cookie } = await sessions.create({ visits: 5 })
    expect(await (await fetch(url, { headers: { cookie } })).json()).toEqual({ visits: 5 })
    store.fault = () => 'fail'
    expect((await fetch(url, { headers: { cookie } })).status).toBe(503)
  })

  test('mounted twice, one manager gives one session', async () => {
    const { sessions, middleware } = world()
    const app = express().use(middleware)
    app.use('/inner', middleware, async (req, res) => {
      const [one, two] = [await getSession(req), await getSession(req, sessions)]
      two.data.visits += 1
      res.json(one === (two as unknown))
    })
    const answer = await fetch(`${await serve(app)}/inner`)
    expect(await answer.json()).toBe(true)
    expect(ours(answer)).toHaveLength(1)
  })

  test('several managers: each by its own, and the last to run where none is named', async () => {
    const { sessions, middleware } = world()
    const other = createSessions<{ theme?: string }>({ store: memoryStore(), secrets: ['y'.repeat(32)], cookie: { name: '__Host-theme' } })
    const app = express().use(middleware, sessionMiddleware(other))
    app.get('/', async (req, res) => {
      const mine = await getSession(req, sessions)
      mine.data.visits += 1
      const theirs = await getSession(req, other)
      theirs.data.theme = 'dark'
      res.json((await getSession(req)).data)
    })
    const answer = await fetch(await serve(app))
    expect(await answer.json()).toEqual({ theme: 'dark' })
    expect(answer.headers.getSetCookie()).toHaveLength(2)
  })

  test('one that runs again after another manager’s is the last to run', async () => {
    const { sessions, middleware } = world()
    const other = createSessions<{ theme?: string }>({ store: memoryStore(), secrets: ['y'.repeat(32)], cookie: { name: '__Host-theme' } })
    const app = express().use(middleware, sessionMiddleware(other), middleware)
    app.get('/', async (req, res) => void res.json((await getSession(req)) === ((await getSession(req, sessions)) as unknown)))
    expect(await (await fetch(await serve(app))).json()).toBe(true)
  })

  test('without the middleware, getSession says what to do', async () => {
    const { sessions } = world()
    const errors: unknown[] = []
    const app = express()
    app.get('/', async (req, res) => {
      for (const manager of [undefined, sessions]) await getSession(req, manager as typeof sessions).catch((error) => errors.push(error))
      res.end()
    })
    await fetch(await serve(app))
    expect(errors).toEqual([
      expect.objectContaining({ code: 'ERR_NO_MIDDLEWARE', message: expect.stringContaining('app.use(sessionMiddleware(sessions))') }),
      expect.objectContaining({ code: 'ERR_NO_MIDDLEWARE', message: expect.stringContaining('of this manager') }),
    ])
  })

  test("cookie: { secure: 'auto' } follows a trusted proxy, or what the option says", async () => {
    const { sessions } = world({ cookie: { secure: 'auto' } })
    const change: RequestHandler = async (req, res) => {
      const session = await getSession(req, sessions)
      session.data.visits += 1
      res.end()
    }
    const secure = async (app: Express, headers?: Record<string, string>): Promise<boolean> => {
      const answer = await fetch(await serve(app), headers === undefined ? {} : { headers })
      return answer.headers.getSetCookie().some((line) => line.includes('; Secure'))
    }
    const behindTls = { 'x-forwarded-proto': 'https' }
    const app = () => express().use(sessionMiddleware(sessions), change)
    expect(await secure(app(), behindTls)).toBe(false)
    expect(await secure(app().set('trust proxy', true), behindTls)).toBe(true)
    expect(await secure(express().use(sessionMiddleware(sessions, { secure: () => true }), change))).toBe(true)
  })
})

describe('with compression', () => {
  const big = 'saved! '.repeat(1_000)
  const { sessions, store } = world()
  const change: RequestHandler = async (req, _, next) => {
    const session = await getSession(req, sessions)
    session.data.visits += 1
    next()
  }
  const mounted: Record<string, RequestHandler[]> = {
    outside: [compression(), sessionMiddleware(sessions, { onCommitError: () => {} }), change],
    'outside, with an eager session': [compression(), sessionMiddleware(sessions, { eager: true, onCommitError: () => {} }), change],
    inside: [sessionMiddleware(sessions, { onCommitError: () => {} }), compression(), change],
    'inside, of an eager session': [sessionMiddleware(sessions, { eager: true, onCommitError: () => {} }), compression(), change],
  }
  const block = Buffer.alloc(256 * 1024, 'text that compresses well ')

  for (const [where, middleware] of Object.entries(mounted)) {
    const app = (): Express => {
      const one = express().use(middleware)
      one.get('/big', (_, res) => void res.type('text').send(big))
      one.get('/small', (_, res) => void res.type('text').send('small'))
      one.get('/streamed', async (_, res) => {
        res.type('text')
        await pipeline(Readable.from(Array.from({ length: 16 }, () => block)), res)
      })
      one.get('/flushed', (_, res) => {
        res.type('text').flushHeaders()
        res.end('flushed')
      })
      // Listens for 'drain' before anything is written, where Readable.pipe does so afterwards.
      one.get('/generated', async (_, res) => {
        res.type('text')
        await pipeline(function* () {
          yield* ['four ', 'five']
        }, res)
      })
      one.get('/waiting', async (_, res) => {
        res.type('text')
        for (const chunk of ['one ', 'two ', 'three']) if (!res.write(chunk)) await once(res, 'drain')
        res.end()
      })
      one.get('/events', (_, res) => {
        res.type('text/event-stream')
        res.write('data: 1\n\n')
        res.flush()
        res.end('data: 2\n\n')
      })
      return one
    }

    test(`mounted ${where}: compressed, whole, with one cookie of ours`, async () => {
      store.fault = undefined
      const url = await serve(app())
      const wanted = {
        '/big': big,
        '/streamed': String(block).repeat(16),
        '/flushed': 'flushed',
        '/generated': 'four five',
        '/waiting': 'one two three',
        '/events': 'data: 1\n\ndata: 2\n\n',
      }
      for (const [path, body] of Object.entries(wanted)) {
        const answer = await fetch(url + path, { headers: { 'accept-encoding': 'gzip' } })
        expect([path, answer.headers.get('content-encoding'), ours(answer).length]).toEqual([path, 'gzip', 1])
        expect((await answer.text()) === body).toBe(true)
        expect(answer.headers.get('vary')?.split(', ').toSorted()).toEqual(['Accept-Encoding', 'Cookie'])
      }
      const small = await fetch(`${url}/small`, { headers: { 'accept-encoding': 'gzip' } })
      expect([await small.text(), small.headers.get('content-encoding'), ours(small).length]).toEqual(['small', null, 1])
      const head = await fetch(`${url}/big`, { method: 'HEAD', headers: { 'accept-encoding': 'gzip' } })
      expect([head.status, ours(head).length]).toEqual([200, 1])
    })

    test(`mounted ${where}: a commit that fails is a readable 503`, async () => {
      const url = await serve(app())
      store.fault = ({ method }) => (method === 'put' ? 'fail' : undefined)
      for (const path of ['/big', '/streamed', '/waiting', '/events']) {
        const answer = await fetch(url + path, { headers: { 'accept-encoding': 'gzip' } })
        expect([path, answer.status, await answer.text()]).toEqual([path, 503, 'The session store is unavailable. Try again.'])
      }
    })
  }
})
