import { startRedis } from '@holdfast/testbed'
import flash from 'connect-flash'
import express, { type Express, type Request, type RequestHandler } from 'express'
import passport from 'passport'
import { Strategy } from 'passport-local'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { days } from '../../duration.ts'
import type { SessionStore } from '../../record/store.ts'
import { createSessions } from '../../session/manager.ts'
import { findOpened } from '../../session/opened-sessions.ts'
import type { SessionOptions } from '../../session/options.ts'
import { memoryStore } from '../../stores/memory/memory-store.ts'
import { redisStore } from '../../stores/redis/redis-store.ts'
import { deferred } from '../../testing/deferred.ts'
import { faultyStore } from '../../testing/faulty-store.ts'
import { listen } from '../../testing/listen.ts'
import { getSession } from '../get-session.ts'
import type { PassportData } from './passport-data.ts'
import { passportSession, type PassportSessionOptions } from './passport-session.ts'
import { sessionMiddleware } from '../session-middleware.ts'

interface Data extends PassportData<string | object> {
  cart: string[]
}

interface Account {
  id: string
  name: string
}

interface WorldOptions extends PassportSessionOptions {
  readonly store?: SessionStore | undefined
  readonly manager?: Partial<SessionOptions<Data>> | undefined
  /** What `serializeUser` answers. */
  readonly serialize?: ((account: Account) => unknown) | undefined
}

/** An app as passport's pages show it, for ann and bob, whose password is their name backwards. */
function world({ store: behind = memoryStore(), manager = {}, serialize = ({ id }) => id, ...options }: WorldOptions = {}) {
  const store = faultyStore(behind)
  const sessions = createSessions<Data>({
    store,
    secrets: ['a secret of at least thirty-two bytes'],
    initial: () => ({ cart: [] }),
    operationTimeout: 50,
    requestTimeout: 100,
    ...manager,
  })
  const accounts = new Map(['ann', 'bob'].map((name): [string, Account] => [`id-${name}`, { id: `id-${name}`, name }]))
  const auth = new passport.Passport()
  auth.use(
    new Strategy((name, password, done) => {
      const account = accounts.get(`id-${name}`)
      if (account !== undefined && [...name].toReversed().join('') === password) done(null, account)
      else done(null, false, { message: 'Wrong name or password.' })
    }),
  )
  auth.serializeUser((account, done) => done(null, serialize(account as Account)))
  auth.deserializeUser((stored: string | { id: string }, done) =>
    done(null, accounts.get(typeof stored === 'object' ? stored.id : stored) ?? false),
  )

  const app = express().set('env', 'test')
  app.use(sessionMiddleware(sessions, { onCommitError: () => {} }), passportSession(options), auth.session())
  app.use(express.urlencoded({ extended: false }), flash())
  app.get('/who', async (req, res) => {
    const { subject, outcome, data } = await getSession(req, sessions)
    res.json({ user: (req.user as Account | undefined)?.name, subject, outcome, data })
  })
  app.post('/cart', async (req, res) => {
    ;(await getSession(req, sessions)).data.cart.push('book')
    res.end()
  })
  app.post('/sign-in', auth.authenticate('local', { successRedirect: '/', failureRedirect: '/sign-in', failureMessage: true }))
  app.post('/sign-in-and-keep', auth.authenticate('local', { keepSessionInfo: true, successReturnToOrRedirect: '/' }))
  app.post('/sign-out', (req, res, next) => req.logout((error) => (error ? next(error) : res.redirect('/'))))
  app.post('/sign-out-and-keep', (req, res, next) =>
    req.logout({ keepSessionInfo: true }, (error) => (error ? next(error) : res.redirect('/'))),
  )
  return { store, sessions, accounts, auth, app }
}

const sessionOf = (req: Request): Record<string, any> => (req as unknown as { session: Record<string, any> }).session

async function serve(app: Express): Promise<string> {
  const { url, close } = await listen(app)
  onTestFinished(close)
  return url
}

/** A browser: a jar, and requests that follow no redirect. */
function browser(url: string, cookies: Iterable<readonly [string, string]> = []) {
  const jar = new Map(cookies)
  return {
    jar,
    async request(method: string, path: string, form?: Record<string, string>) {
      const cookie = [...jar].map((pair) => pair.join('=')).join('; ')
      const body = form && new URLSearchParams(form)
      const answer = await fetch(url + path, { method, redirect: 'manual', headers: { cookie }, ...(body && { body }) })
      for (const line of answer.headers.getSetCookie()) {
        const [pair = '', ...attributes] = line.split('; ')
        const name = pair.slice(0, pair.indexOf('='))
        if (attributes.includes('Max-Age=0')) jar.delete(name)
        else jar.set(name, pair.slice(name.length + 1))
      }
      return answer
    },
    post(path: string, form?: Record<string, string>) {
      return this.request('POST', path, form)
    },
    async who(): Promise<{ user?: string; subject?: string; outcome: string; data: Data }> {
      return (await this.request('GET', '/who')).json() as never
    },
    signIn(name = 'ann', path = '/sign-in') {
      return this.post(path, { username: name, password: [...name].toReversed().join('') })
    },
  }
}

const whereTo = (answer: Response): [number, string | null] => [answer.status, answer.headers.get('location')]
const cookies = (answer: Response): string[] => answer.headers.getSetCookie()

const stores: Record<string, () => Promise<{ store: SessionStore; close(): Promise<unknown> }>> = {
  memory: async () => ({ store: memoryStore(), close: async () => {} }),
  Redis: async () => {
    const redis = await startRedis()
    const store = redisStore({ url: redis.url })
    return { store, close: async () => Promise.all([store.close?.(), redis.close()]) }
  },
}

describe.each(Object.entries(stores))('passport on %s', (_, start) => {
  let backend: Awaited<ReturnType<typeof start>>
  beforeAll(async () => {
    backend = await start()
  })
  afterAll(async () => backend.close())
  const shop = (options: WorldOptions = {}) =>
    world({ store: backend.store, manager: { operationTimeout: 2_000, requestTimeout: 5_000 }, ...options })

  test('a visitor who signs in is known from then on; the sign-in is one write, and the answer’s commit adds none', async () => {
    const { app, store } = shop()
    const ann = browser(await serve(app))
    const answer = await ann.signIn()
    expect(whereTo(answer)).toEqual([302, '/'])
    expect(cookies(answer)).toHaveLength(1)
    expect(store.calls.map(({ method }) => method)).toEqual(['put'])
    expect(await ann.who()).toEqual({ user: 'ann', subject: 'id-ann', outcome: 'live', data: { cart: [], passport: { user: 'id-ann' } } })
  })

  test('S4, S5: a token planted before the sign-in opens nothing afterwards', async () => {
    const { app, store } = shop()
    const url = await serve(app)
    const attacker = browser(url)
    await attacker.post('/cart')
    const victim = browser(url, attacker.jar)
    store.calls.length = 0
    const answer = await victim.signIn()
    expect(cookies(answer)).toHaveLength(1)
    expect(
      store.calls.map(({ method }) => method),
      'the new record, then the end of the old one',
    ).toEqual(['get', 'put', 'put'])
    expect(await victim.who()).toMatchObject({ user: 'ann', data: { cart: [] } })
    expect(await attacker.who()).toEqual({ outcome: 'ended', data: { cart: [] } })
  })

  test('S4: nor does what is put into the planted session while the victim signs in get into the victim’s', async () => {
    const { app, store } = shop()
    app.post('/plant', (req, res) => {
      Object.assign(sessionOf(req), { returnTo: '/attackers', cart: ['poison'] })
      res.end()
    })
    const url = await serve(app)
    const attacker = browser(url)
    await attacker.post('/cart')
    const victim = browser(url, attacker.jar)
    store.fault = async ({ method }) => {
      if (method !== 'put') return
      store.fault = undefined
      await attacker.post('/plant')
    }
    expect(whereTo(await victim.signIn())).toEqual([302, '/'])
    expect(await victim.who()).toMatchObject({ user: 'ann', data: { cart: [], passport: { user: 'id-ann' } } })
    expect((await victim.who()).data).not.toHaveProperty('returnTo')
    expect((await attacker.who()).outcome).toBe('ended')
  })

  test('a wrong password signs nobody in; the message waits in the session, and the redirect after it', async () => {
    const { app } = shop()
    const ann = browser(await serve(app))
    expect(whereTo(await ann.post('/sign-in', { username: 'ann', password: 'wrong' }))).toEqual([302, '/sign-in'])
    expect(await ann.who()).toEqual({ outcome: 'live', data: { cart: [], messages: ['Wrong name or password.'] } })
  })

  test('S8: a sign-out ends the session in one write, and leaves neither cookie nor record nor subject', async () => {
    const { app, store, sessions } = shop()
    const url = await serve(app)
    const ann = browser(url)
    await ann.post('/cart')
    await ann.signIn('ann', '/sign-in-and-keep')
    const stolen = browser(url, ann.jar)
    store.calls.length = 0
    const answer = await ann.post('/sign-out')
    expect(whereTo(answer)).toEqual([302, '/'])
    expect(store.calls.map(({ method }) => method)).toEqual(['get', 'put'])
    expect(cookies(answer)).toEqual([expect.stringContaining('Max-Age=0')])
    expect(ann.jar.size).toBe(0)
    expect(await ann.who()).toEqual({ outcome: 'new', data: { cart: [] } })
    expect(await stolen.who()).toEqual({ outcome: 'ended', data: { cart: [] } })
    expect(sessions.health().status).toBe('up')
  })

  test('S9: a request under way at the sign-out does not bring the session back', async () => {
    const { app, store } = shop()
    const url = await serve(app)
    const ann = browser(url)
    await ann.signIn()
    const slow = browser(url, ann.jar)
    const [writing, signedOut] = [deferred(), deferred()]
    let first = true
    store.fault = async ({ method }) => {
      if (method !== 'put' || !first) return undefined
      first = false
      writing.resolve()
      await signedOut.promise
      return undefined
    }
    const late = slow.post('/cart')
    await writing.promise
    await ann.post('/sign-out')
    signedOut.resolve()
    expect(cookies(await late)).toEqual([])
    expect((await slow.who()).outcome).toBe('ended')
  })

  test('keepSessionInfo keeps what was there: at the sign-in, and at the sign-out, where another session takes it over', async () => {
    const { app, store } = shop()
    const url = await serve(app)
    const ann = browser(url)
    await ann.post('/cart')
    await ann.signIn('ann', '/sign-in-and-keep')
    expect(await ann.who()).toMatchObject({ user: 'ann', data: { cart: ['book'], passport: { user: 'id-ann' } } })
    const stolen = browser(url, ann.jar)
    store.calls.length = 0
    const answer = await ann.post('/sign-out-and-keep')
    expect(cookies(answer), 'set once, and not cleared too').toEqual([expect.not.stringContaining('Max-Age=0')])
    expect(store.calls.map(({ method }) => method)).toEqual(['get', 'put', 'put'])
    expect(await ann.who()).toEqual({ outcome: 'live', data: { cart: ['book'] } })
    expect((await stolen.who()).outcome).toBe('ended')
  })

  test('two tabs that sign in at once are both signed in, and each sign-out ends its own session', async () => {
    const { app } = shop()
    const url = await serve(app)
    const visitor = browser(url)
    await visitor.post('/cart')
    const [one, two] = [browser(url, visitor.jar), browser(url, visitor.jar)]
    expect((await Promise.all([one.signIn(), two.signIn()])).map(whereTo)).toEqual([
      [302, '/'],
      [302, '/'],
    ])
    expect([(await one.who()).user, (await two.who()).user]).toEqual(['ann', 'ann'])
    await one.post('/sign-out')
    expect([(await one.who()).user, (await two.who()).user, (await visitor.who()).outcome]).toEqual([undefined, 'ann', 'ended'])
  })
})

describe('a request that is slower than another tab', () => {
  /** `path` waits, its session loaded, while `meanwhile` is carried out by another tab. */
  async function overtaken({ app, url, path, meanwhile }: { app: Express; url: string; path: string; meanwhile: string }) {
    const [isIn, mayGoOn] = [deferred(), deferred()]
    waiting.set(app, async () => {
      isIn.resolve()
      await mayGoOn.promise
    })
    const fast = browser(url)
    await fast.signIn()
    await fast.post('/cart')
    const slow = browser(url, fast.jar)
    const late = slow.post(path)
    await isIn.promise
    waiting.delete(app)
    await fast.post(meanwhile)
    mayGoOn.resolve()
    return { fast, slow, answer: await late }
  }
  const waiting = new WeakMap<Express, () => Promise<void>>()

  function slowShop(options: WorldOptions = {}) {
    const made = world(options)
    const { app } = made
    app.use('/slow', async (_, __, next) => {
      await waiting.get(app)?.()
      next()
    })
    app.post('/slow/log-in', (req, res, next) => req.logIn(req.user as Account, (error) => (error ? next(error) : res.end())))
    app.post('/slow/log-in-and-keep', (req, res, next) =>
      req.logIn(req.user as Account, { session: true, keepSessionInfo: true }, (error) => (error ? next(error) : res.end())),
    )
    app.post('/slow/copy-back', (req, res, next) => {
      const kept = { ...sessionOf(req) }
      sessionOf(req)['regenerate'](() => {
        Object.assign(sessionOf(req), kept)
        sessionOf(req)['save']((error: unknown) => (error ? next(error) : res.end()))
      })
    })
    app.post('/slow/forget', (req, res) => {
      delete sessionOf(req)['passport'].user
      res.end()
    })
    app.post('/slow/sign-out', (req, res, next) => req.logout((error) => (error ? next(error) : res.end())))
    app.post('/slow/sign-out-and-keep', (req, res, next) =>
      req.logout({ keepSessionInfo: true }, (error) => (error ? next(error) : res.end())),
    )
    app.post('/slow/sign-out-and-save', (req, res, next) =>
      req.logout({ keepSessionInfo: true }, () => sessionOf(req)['save']((error: unknown) => (error ? next(error) : res.end()))),
    )
    return made
  }

  const kinds: Record<string, WorldOptions> = {
    'with a subject': {},
    'without one': { serialize: ({ id }) => ({ id }), subject: () => undefined },
  }

  describe.each(Object.entries(kinds))('of a user %s', (_, options) => {
    test.each([
      ['/slow/log-in', 401],
      ['/slow/log-in-and-keep', 401],
      ['/slow/copy-back', 401],
      ['/slow/forget', 200],
      ['/slow/sign-out', 200],
      ['/slow/sign-out-and-keep', 200],
      ['/slow/sign-out-and-save', 401],
    ])('S9: %s that comes after a sign-out brings nothing back (%i)', async (path, status) => {
      const { app } = slowShop(options)
      const { slow, answer } = await overtaken({ app, url: await serve(app), path, meanwhile: '/sign-out' })
      expect([answer.status, cookies(answer)]).toEqual([status, []])
      expect(await slow.who()).toEqual({ outcome: 'ended', data: { cart: [] } })
    })

    test('two sign-ins at once are both signed in: each has shown who it is', async () => {
      const { app } = slowShop(options)
      const { fast, slow, answer } = await overtaken({ app, url: await serve(app), path: '/slow/log-in', meanwhile: '/slow/log-in' })
      expect([answer.status, cookies(answer).length]).toEqual([200, 1])
      expect([(await fast.who()).user, (await slow.who()).user]).toEqual(['ann', 'ann'])
      expect(fast.jar).not.toEqual(slow.jar)
    })

    test('S8: a sign-out ends what another tab’s rotation has made of the session', async () => {
      const { app, sessions } = slowShop(options)
      app.post('/rotate', async (req, res) => {
        ;(await getSession(req, sessions)).regenerate()
        res.end()
      })
      const { fast, answer } = await overtaken({ app, url: await serve(app), path: '/slow/sign-out-and-keep', meanwhile: '/rotate' })
      expect([answer.status, cookies(answer).length]).toEqual([200, 1])
      expect((await fast.who()).outcome).toBe('ended')
    })
  })
})

describe('whose session it is', () => {
  test('S4: who signs in over another user’s session gets one of their own, and the other’s is ended', async () => {
    const { app, store } = world()
    const url = await serve(app)
    const both = browser(url)
    await both.signIn('ann')
    const anns = browser(url, both.jar)
    store.calls.length = 0
    expect(cookies(await both.signIn('bob'))).toHaveLength(1)
    expect(store.calls.map(({ method }) => method)).toEqual(['get', 'put', 'put'])
    expect(await both.who()).toMatchObject({ user: 'bob', subject: 'id-bob' })
    expect(await anns.who()).toEqual({ outcome: 'ended', data: { cart: [] } })
  })

  test('an account that is gone (deserializeUser answers false) is signed out, and what else was kept stays', async () => {
    const { app, accounts } = world()
    const url = await serve(app)
    const ann = browser(url)
    await ann.signIn()
    await ann.post('/cart')
    const other = browser(url, ann.jar)
    accounts.delete('id-ann')
    await ann.who()
    expect(await ann.who()).toEqual({ outcome: 'live', data: { cart: ['book'] } })
    expect((await other.who()).outcome).toBe('ended')
  })

  test('of a user who is serialized as an object, the subject is its id, or what the option makes of it', async () => {
    for (const [subject, bound] of [
      [undefined, 'id-ann'],
      [({ name }: Account) => name, 'ann'],
    ] as const) {
      const { app } = world({ serialize: ({ id, name }) => ({ id, name }), subject })
      const ann = browser(await serve(app))
      await ann.signIn()
      expect(await ann.who()).toMatchObject({ user: 'ann', subject: bound })
    }
  })

  test('S4: without a subject all else holds: another token, both of two tabs, and an end', async () => {
    const { app } = world({ subject: () => undefined })
    const url = await serve(app)
    const visitor = browser(url)
    await visitor.post('/cart')
    const [one, two] = [browser(url, visitor.jar), browser(url, visitor.jar)]
    await Promise.all([one.signIn(), two.signIn()])
    expect([(await one.who()).user, (await two.who()).user, (await visitor.who()).outcome]).toEqual(['ann', 'ann', 'ended'])
    const stolen = browser(url, one.jar)
    await one.post('/sign-out')
    expect([one.jar.size, (await stolen.who()).outcome]).toEqual([0, 'ended'])
  })

  test('a number is a subject too, 0 as well', async () => {
    const { app, accounts } = world({ serialize: () => 0 })
    accounts.set(0 as never, { id: '0', name: 'zero' })
    const ann = browser(await serve(app))
    await ann.signIn()
    expect(await ann.who()).toMatchObject({ user: 'zero', subject: '0' })
  })

  test('S4: a user who is put into the session by hand, as passport before 0.6 did, gets another token all the same', async () => {
    const { app } = world()
    app.post('/by-hand', (req, res) => {
      sessionOf(req).passport = { user: 'id-ann' }
      res.end()
    })
    const url = await serve(app)
    const ann = browser(url)
    await ann.post('/cart')
    const planted = browser(url, ann.jar)
    await ann.post('/by-hand')
    expect(await ann.who()).toMatchObject({ user: 'ann', subject: 'id-ann', data: { cart: ['book'] } })
    expect((await planted.who()).outcome).toBe('ended')
  })

  test('a sign-in by a browser whose session has just been ended elsewhere', async () => {
    const { app } = world()
    const url = await serve(app)
    const ann = browser(url)
    await ann.signIn()
    const other = browser(url, ann.jar)
    await ann.post('/sign-out')
    expect(cookies(await other.signIn())).toHaveLength(1)
    expect(await other.who()).toMatchObject({ user: 'ann', subject: 'id-ann' })
  })

  test('a session that was at hand before the sign-in is the one after it', async () => {
    const { app, sessions } = world()
    app.post('/at-hand', async (req, res, next) => {
      const session = await getSession(req, sessions)
      req.logIn({ id: 'id-ann', name: 'ann' }, (error) => {
        if (error) return next(error)
        session.data.cart.push('pen')
        res.end()
      })
    })
    const ann = browser(await serve(app))
    await ann.post('/cart')
    await ann.post('/at-hand')
    expect(await ann.who()).toMatchObject({ user: 'ann', data: { cart: ['pen'] } })
  })

  test('also where another user was signed in, and whatever the user was serialized as', async () => {
    for (const options of [{}, { serialize: ({ id }: Account) => ({ id }), subject: () => undefined }]) {
      const { app, sessions } = world(options)
      app.post('/at-hand', async (req, res, next) => {
        const session = await getSession(req, sessions)
        req.logIn({ id: 'id-bob', name: 'bob' }, (error) => {
          if (error) return next(error)
          session.update((data) => void data.cart.push('pen'))
          session.save().then(() => res.end(), next)
        })
      })
      const both = browser(await serve(app))
      await both.signIn('ann')
      await both.post('/cart')
      expect((await both.post('/at-hand')).status).toBe(200)
      expect(await both.who()).toMatchObject({ user: 'bob', data: { cart: ['pen'] } })
    }
  })

  test('a session that was at hand before the sign-out is the one after it', async () => {
    const { app, sessions } = world()
    app.post('/at-hand', async (req, res, next) => {
      const session = await getSession(req, sessions)
      req.logout((error) => {
        if (error) return next(error)
        session.data.cart.push('leaflet')
        res.end()
      })
    })
    const ann = browser(await serve(app))
    await ann.signIn()
    await ann.post('/cart')
    await ann.post('/at-hand')
    expect(await ann.who()).toEqual({ outcome: 'live', data: { cart: ['leaflet'] } })
  })

  test.each<[string, WorldOptions]>([
    ['an object', { serialize: ({ id }) => ({ id }), subject: () => undefined }],
    ['one of a tenant', { subject: () => 'tenant' }],
  ])('S4: over a user who is %s another gets another token, by hand too', async (_, options) => {
    const { app } = world(options)
    app.post('/by-hand/:id', (req, res) => {
      const { id } = req.params
      sessionOf(req)['passport'] = { user: options.serialize ? { id } : id }
      res.end()
    })
    const both = browser(await serve(app))
    await both.post('/by-hand/id-ann')
    const anns = new Map(both.jar)
    await both.post('/by-hand/id-bob')
    expect((await both.who()).user).toBe('bob')
    both.jar.clear()
    anns.forEach((value, name) => both.jar.set(name, value))
    expect((await both.who()).outcome).toBe('ended')
  })

  test('a sign-out and a sign-in in one request', async () => {
    const { app } = world()
    app.post('/switch', (req, res, next) =>
      req.logout((failed) =>
        failed ? next(failed) : req.logIn({ id: 'id-bob', name: 'bob' }, (error) => (error ? next(error) : res.redirect('/'))),
      ),
    )
    const url = await serve(app)
    const one = browser(url)
    await one.signIn('ann')
    const anns = browser(url, one.jar)
    expect(cookies(await one.post('/switch'))).toHaveLength(1)
    expect(await one.who()).toMatchObject({ user: 'bob', subject: 'id-bob' })
    expect((await anns.who()).outcome).toBe('ended')
  })

  test('two sign-ins in one request', async () => {
    const { app } = world({ manager: { cookie: { secure: 'auto' } } })
    app.set('trust proxy', true)
    app.post('/twice', (req, res, next) =>
      req.logIn({ id: 'id-ann', name: 'ann' }, (failed) =>
        failed ? next(failed) : req.logIn({ id: 'id-bob', name: 'bob' }, (error) => (error ? next(error) : res.end())),
      ),
    )
    const url = await serve(app)
    const lines = cookies(await fetch(`${url}/twice`, { method: 'POST', headers: { 'x-forwarded-proto': 'https' } }))
    expect(lines).toEqual([expect.stringContaining('; Secure')])
    const [name = '', value = ''] = lines[0]?.split(';', 1)[0]?.split('=') ?? []
    expect(await browser(url, [[name, value]]).who()).toMatchObject({ user: 'bob', subject: 'id-bob' })
  })

  test('a sign-in and a sign-out in one request leave nothing', async () => {
    const { app } = world()
    app.post('/in-and-out', (req, res, next) =>
      req.logIn({ id: 'id-ann', name: 'ann' }, (failed) =>
        failed ? next(failed) : req.logout((error) => (error ? next(error) : res.redirect('/'))),
      ),
    )
    const ann = browser(await serve(app))
    expect(cookies(await ann.post('/in-and-out'))).toEqual([])
  })

  test('a sign-out that nobody waits for is carried out before the answer leaves', async () => {
    const { app } = world()
    app.post('/hasty', (req, res) => {
      req.logout(() => {})
      res.end()
    })
    const url = await serve(app)
    const ann = browser(url)
    await ann.signIn()
    const stolen = browser(url, ann.jar)
    expect(cookies(await ann.post('/hasty'))).toEqual([expect.stringContaining('Max-Age=0')])
    expect((await stolen.who()).outcome).toBe('ended')
  })

  test('what comes after the sign-out goes into the session that getSession() then answers', async () => {
    const { app, sessions } = world({ manager: { cookie: { secure: 'auto' } } })
    app.set('trust proxy', true)
    app.post('/farewell', (req, res, next) =>
      req.logout(async (error) => {
        if (error) return next(error)
        const session = await getSession(req, sessions)
        session.data.cart.push('leaflet')
        sessionOf(req)['messages'] = ['Bye.']
        res.json({ subject: session.subject, outcome: session.outcome })
      }),
    )
    const url = await serve(app)
    for (const secure of [false, true]) {
      const ann = browser(url)
      const signIn = await fetch(`${url}/sign-in`, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'x-forwarded-proto': secure ? 'https' : 'http' },
        body: new URLSearchParams({ username: 'ann', password: 'nna' }),
      })
      const cookie = cookies(signIn)[0]?.split(';', 1)[0] ?? ''
      const answer = await fetch(`${url}/farewell`, {
        method: 'POST',
        headers: { cookie, 'x-forwarded-proto': secure ? 'https' : 'http' },
      })
      expect(await answer.json()).toEqual({ outcome: 'live' })
      expect(cookies(answer)).toHaveLength(1)
      expect(cookies(answer)[0]?.includes('; Secure')).toBe(secure)
      const [name = '', value = ''] = cookies(answer)[0]?.split(';', 1)[0]?.split('=') ?? []
      ann.jar.set(name, value)
      expect((await ann.who()).data).toEqual({ cart: ['leaflet'], messages: ['Bye.'] })
    }
  })
})

describe('a store that fails', () => {
  test.each(['fail', 'hang', 'swallow'] as const)('at the sign-in (%s): 503, nobody signed in, no cookie', async (fault) => {
    const { app, store } = world()
    const ann = browser(await serve(app))
    await ann.post('/cart')
    const before = [...ann.jar]
    store.fault = ({ method }) => (method === 'put' ? fault : undefined)
    const answer = await ann.signIn()
    expect([answer.status, answer.headers.get('retry-after'), cookies(answer)]).toEqual([503, '1', []])
    store.fault = undefined
    expect([...ann.jar]).toEqual(before)
    expect((await ann.who()).user).toBeUndefined()
    await ann.signIn()
    expect((await ann.who()).user).toBe('ann')
  })

  test('that is back when the error is answered: who was told that the sign-in failed is not signed in', async () => {
    const { app, store } = world()
    const errors: unknown[] = []
    app.use(((error, _, res, __) => {
      store.fault = undefined
      errors.push(error)
      res.status(error.status).end()
    }) as express.ErrorRequestHandler)
    const ann = browser(await serve(app))
    await ann.post('/cart')
    store.fault = ({ method }) => (method === 'put' ? 'fail' : undefined)
    const answer = await ann.signIn()
    expect([answer.status, cookies(answer)]).toEqual([503, []])
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_UNAVAILABLE' })])
    expect(await ann.who()).toEqual({ outcome: 'live', data: { cart: ['book'] } })
  })

  test('at the sign-out: 503, and it can be tried again', async () => {
    const { app, store } = world()
    const ann = browser(await serve(app))
    await ann.signIn()
    store.fault = ({ method }) => (method === 'put' ? 'fail' : undefined)
    const answer = await ann.post('/sign-out')
    expect([answer.status, answer.headers.get('retry-after'), cookies(answer)]).toEqual([503, '1', []])
    store.fault = undefined
    expect((await ann.who()).user).toBe('ann')
    await ann.post('/sign-out')
    expect(ann.jar.size).toBe(0)
  })

  test('at a sign-in over another user: the error’s headers are on the answer, whoever makes it, and the other stays', async () => {
    const { app, store } = world()
    app.use(((error, _, res, __) => void res.status(error.status).end()) as express.ErrorRequestHandler)
    const both = browser(await serve(app))
    await both.signIn('ann')
    store.fault = ({ method }) => (method === 'put' ? 'fail' : undefined)
    const answer = await both.signIn('bob')
    expect([answer.status, answer.headers.get('retry-after'), cookies(answer)]).toEqual([503, '1', []])
    store.fault = undefined
    expect((await both.who()).user).toBe('ann')
  })

  test.each(['/sign-out', '/sign-out-and-keep', '/regenerated', '/destroyed', '/sign-in'])(
    'S8: with onUnavailable "anonymous" %s is told 503, since what stands in cannot be ended',
    async (path) => {
      const { app, store } = world({ manager: { onUnavailable: 'anonymous' } })
      const errors: unknown[] = []
      app.post('/regenerated', (req, res, next) => sessionOf(req)['regenerate']((error: unknown) => (error ? next(error) : res.end())))
      app.post('/destroyed', (req, res, next) => sessionOf(req)['destroy']((error: unknown) => (error ? next(error) : res.end())))
      app.use(((error, _, res, __) => {
        errors.push(error.code)
        res.status(error.status).end()
      }) as express.ErrorRequestHandler)
      const ann = browser(await serve(app))
      await ann.signIn()
      store.fault = () => 'fail'
      const answer = await ann.signIn('ann', path)
      expect([answer.status, answer.headers.get('retry-after'), cookies(answer), errors]).toEqual([503, '1', [], ['ERR_UNAVAILABLE']])
      store.fault = undefined
      expect((await ann.who()).user).toBe('ann')
    },
  )

  test('when the session is loaded: the error goes to next', async () => {
    const { app, store } = world()
    const ann = browser(await serve(app))
    await ann.signIn()
    store.fault = () => 'hang'
    const answer = await ann.request('GET', '/who')
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
  })
})

describe('req.session', () => {
  test('S23: who stores nothing gets neither cookie nor record, and without a cookie the store is not asked', async () => {
    const { app, store } = world()
    app.post('/renewed', (req, res) => sessionOf(req)['regenerate'](() => res.end()))
    const ann = browser(await serve(app))
    await ann.who()
    await ann.post('/sign-out')
    await ann.post('/renewed')
    expect([ann.jar.size, store.calls]).toEqual([0, []])
  })

  test('connect-flash, returnTo and messages work on it', async () => {
    const { app, auth } = world()
    app.post('/flashing', auth.authenticate('local', { failureRedirect: '/', failureFlash: true }))
    app.get('/flashes', (req, res) => void res.json(req.flash('error')))
    app.get('/private', (req, res) => {
      sessionOf(req)['returnTo'] = '/private'
      res.redirect('/sign-in')
    })
    const ann = browser(await serve(app))
    await ann.post('/flashing', { username: 'ann', password: 'wrong' })
    expect(await (await ann.request('GET', '/flashes')).json()).toEqual(['Wrong name or password.'])
    expect(await (await ann.request('GET', '/flashes')).json()).toEqual([])
    await ann.request('GET', '/private')
    expect(whereTo(await ann.signIn('ann', '/sign-in-and-keep'))).toEqual([302, '/private'])
  })

  test('is the data: read, changed, listed and printed', async () => {
    const { app, sessions } = world()
    app.get('/face', async (req, res) => {
      const session = sessionOf(req)
      session['cart'].push('pen')
      session['returnTo'] = '/there'
      delete session['returnTo']
      const { data, id } = await getSession(req, sessions)
      res.json({
        keys: Object.keys(session),
        isTheSame: [JSON.stringify(session) === JSON.stringify(data), inspect(session) === inspect(data), session['touch']() === session],
        hasIts: [session['id'] === id, 'cart' in session, 'save' in session, 'cookie' in session],
      })
    })
    const ann = browser(await serve(app))
    expect(await (await ann.request('GET', '/face')).json()).toEqual({
      keys: ['cart'],
      isTheSame: [true, true, true],
      hasIts: [true, true, true, false],
    })
    expect((await ann.who()).data.cart).toEqual(['pen'])
  })

  test('S26: a key named __proto__ reaches no prototype, and is not saved', async () => {
    const { app } = world()
    const polluted: boolean[] = []
    app.get('/polluted', (req, res) => {
      sessionOf(req)['__proto__'] = { polluted: true }
      polluted.push('polluted' in sessionOf(req), 'polluted' in {})
      res.end()
    })
    const answer = await browser(await serve(app)).request('GET', '/polluted')
    expect([answer.status, cookies(answer), polluted]).toEqual([500, [], [false, false]])
  })

  test.each(['id', 'cookie', 'reload', 'touch', 'save', 'regenerate', 'destroy', 'resetMaxAge'])(
    'keepSessionInfo carries data over whose key is %s, which req.session has something of its own for',
    async (key) => {
      const { app, sessions } = world()
      app.post('/consent', async (req, res) => {
        Object.assign((await getSession(req, sessions)).data, { [key]: { given: true } })
        res.end()
      })
      app.post('/copy-back', (req, res, next) => {
        const kept = { ...sessionOf(req) }
        sessionOf(req)['regenerate'](() => {
          Object.assign(sessionOf(req), kept)
          sessionOf(req)['save']((error: unknown) => (error ? next(error) : res.json(Object.keys(kept))))
        })
      })
      const ann = browser(await serve(app))
      await ann.post('/consent')
      for (const path of ['/sign-in-and-keep', '/sign-out-and-keep']) {
        expect((await ann.signIn('ann', path)).status).toBe(302)
        expect((await ann.who()).data).toMatchObject({ cart: [], [key]: { given: true } })
      }
      expect((await ann.post('/copy-back')).status).toBe(200)
    },
  )

  test('what is refused is not half done, and what inherits from it changes nothing in it', async () => {
    const { app } = world()
    const threw: string[] = []
    app.get('/misused', (req, res) => {
      const session = sessionOf(req)
      const misuses: (() => unknown)[] = [
        () => Object.freeze(session),
        () => Object.defineProperty(session, 'fixed', { value: 1, configurable: false }),
      ]
      for (const misuse of misuses) {
        try {
          misuse()
        } catch (error) {
          threw.push((error as Error).name)
        }
      }
      const heir = Object.create(session)
      heir.own = 1
      session['theme'] = 'dark'
      res.json([Object.keys(session), Object.keys(heir), heir.theme])
    })
    const ann = browser(await serve(app))
    expect(await (await ann.request('GET', '/misused')).json()).toEqual([['cart', 'theme'], ['own'], 'dark'])
    expect(threw).toEqual(['TypeError', 'TypeError'])
    expect((await ann.who()).data).toEqual({ cart: [], theme: 'dark' })
  })

  test('save(callback) saves before the callback; without one it answers a promise', async () => {
    const { app, store } = world()
    app.post('/saved', (req, res) => {
      sessionOf(req)['returnTo'] = '/there'
      sessionOf(req)['save'](async () => {
        const after = store.calls.length
        await sessionOf(req)['save']()
        res.json([after, store.calls.length])
      })
    })
    expect(await (await browser(await serve(app)).post('/saved')).json()).toEqual([1, 1])
  })

  test('what comes after the answer is refused, through the callback', async () => {
    const { app } = world()
    const codes: unknown[] = []
    const done = deferred()
    app.post('/late', (req, res) => {
      const note = (error: unknown): void => void codes.push((error as { code?: string } | undefined)?.code)
      res.on('finish', () =>
        req.logIn({ id: 'id-bob', name: 'bob' }, (error) => {
          note(error)
          sessionOf(req)['regenerate']((second: unknown) => {
            note(second)
            sessionOf(req)['destroy']((third: unknown) => {
              note(third)
              done.resolve()
            })
          })
        }),
      )
      res.end()
    })
    const ann = browser(await serve(app))
    await ann.signIn()
    await ann.post('/late')
    await done.promise
    expect(codes).toEqual(['ERR_COMMITTED', 'ERR_COMMITTED', 'ERR_COMMITTED'])
    expect((await ann.who()).user).toBe('ann')
  })

  test('destroy(callback) ends the session and takes it from the request', async () => {
    const { app } = world()
    app.post('/destroyed', (req, res, next) =>
      sessionOf(req)['destroy']((error: unknown) => (error ? next(error) : res.json(sessionOf(req) === undefined))),
    )
    const url = await serve(app)
    const ann = browser(url)
    await ann.signIn()
    await ann.post('/cart')
    const stolen = browser(url, ann.jar)
    expect(await (await ann.post('/destroyed')).json()).toBe(true)
    expect([ann.jar.size, (await stolen.who()).outcome]).toEqual([0, 'ended'])
  })

  test('what express-session had and passport does not need says what to use instead', async () => {
    const { app } = world()
    const said: string[] = []
    app.get('/refused', (req, res) => {
      const session = sessionOf(req)
      for (const misuse of [
        () => (session['cookie'].maxAge = days(30)),
        () => session['reload'](() => {}),
        () => session['resetMaxAge'](),
        () => (session['save'] = () => {}),
      ]) {
        try {
          misuse()
        } catch (error) {
          said.push((error as Error).message)
        }
      }
      res.end()
    })
    await browser(await serve(app)).request('GET', '/refused')
    expect(said).toEqual([
      expect.stringContaining('regenerate({ persistent: days(30) })'),
      expect.stringContaining('discard()'),
      expect.stringContaining('idleTimeout'),
      expect.stringContaining('"save"'),
    ])
  })

  test.each(['before', 'after'])(
    'the cookie outlives the browser when regenerate({ persistent }) is called %s the sign-in',
    async (when) => {
      const { app, sessions } = world()
      const remember: RequestHandler = async (req, _, next) => {
        const session = await getSession(req, sessions)
        session.regenerate({ persistent: days(30) })
        next()
      }
      const signIn: RequestHandler = (req, _, next) => req.logIn({ id: 'id-ann', name: 'ann' }, next)
      app.post('/remembered', when === 'before' ? [remember, signIn] : [signIn, remember], (_: Request, res: express.Response) => res.end())
      const ann = browser(await serve(app))
      const lines = cookies(await ann.post('/remembered'))
      expect(lines).toEqual([expect.stringMatching(/; Max-Age=(2592000|2591999);/)])
      expect((await ann.who()).subject).toBe('id-ann')
    },
  )

  test('mounted twice, it is the same', async () => {
    const { app } = world()
    const faces: unknown[] = []
    app.use((req, _, next) => {
      faces.push(sessionOf(req))
      next()
    })
    app.post('/again', passportSession(), (req, res) => {
      faces.push(sessionOf(req))
      res.end()
    })
    await browser(await serve(app)).post('/again')
    expect(faces[0] === faces[1]).toBe(true)
  })
})

describe('the middleware', () => {
  test('without a session middleware before it says what to do', async () => {
    const { sessions } = world()
    const errors: unknown[] = []
    const app = express()
    for (const options of [{}, { sessions }])
      app.use('/', (req, res, next) => passportSession(options)(req, res, (error) => void next(void errors.push(error))))
    await fetch(await serve(app))
    expect(errors).toEqual([
      expect.objectContaining({
        code: 'ERR_NO_MIDDLEWARE',
        message: expect.stringContaining('app.use(sessionMiddleware(sessions)) before it'),
      }),
      expect.objectContaining({ code: 'ERR_NO_MIDDLEWARE', message: expect.stringContaining('of this manager') }),
    ])
  })

  test('works on the manager that is named, else on the last one', async () => {
    const { sessions } = world()
    const other = createSessions<{ theme?: string }>({ store: memoryStore(), secrets: ['y'.repeat(32)], cookie: { name: '__Host-theme' } })
    for (const [options, name] of [
      [{}, '__Host-theme'],
      [{ sessions }, '__Host-session'],
    ] as const) {
      const app = express().use(sessionMiddleware(sessions), sessionMiddleware(other), passportSession(options))
      app.get('/', (req, res) => {
        sessionOf(req)['returnTo'] = '/there'
        res.end()
      })
      const answer = await fetch(await serve(app))
      expect(cookies(answer).map((line) => line.split('=', 1)[0])).toEqual([name])
    }
  })

  test('refuses a second passport with another key on one session, which could follow only one of them', async () => {
    const { sessions } = world()
    const errors: unknown[] = []
    const app = express().use(sessionMiddleware(sessions), passportSession(), passportSession({ key: 'admin' }))
    app.use(((error, _, res, __) => {
      errors.push(error)
      res.end()
    }) as express.ErrorRequestHandler)
    await fetch(await serve(app))
    expect(errors).toEqual([
      expect.objectContaining({ code: 'ERR_OPTION', message: expect.stringMatching(/\{ key \}.*"admin".*"passport"/) }),
    ])
  })

  test('works after an eager sessionMiddleware', async () => {
    const { sessions } = world()
    const app = express().use(sessionMiddleware(sessions, { eager: true }), passportSession())
    app.get('/', (req, res) => void res.json(Object.keys(sessionOf(req))))
    expect(await (await fetch(await serve(app))).json()).toEqual(['cart'])
  })

  test('S4: where a sign-in cannot be followed nobody is signed in, whoever commits', async () => {
    const { app, sessions } = world({ subject: () => '' })
    const codes: unknown[] = []
    const note = (error: { code?: string } | undefined): void => void codes.push(error?.code)
    app.post('/swallowed', (req, res) =>
      req.logIn({ id: 'id-ann', name: 'ann' }, async (error) => {
        note(error)
        await findOpened(req, sessions)?.commit().catch(note)
        res.end('signed in')
      }),
    )
    const ann = browser(await serve(app))
    await ann.post('/cart')
    const answer = await ann.post('/swallowed')
    expect([answer.status, cookies(answer), codes]).toEqual([500, [], ['ERR_OPTION', 'ERR_OPTION']])
    expect(await ann.who()).toEqual({ outcome: 'live', data: { cart: ['book'] } })
  })

  test('works with another key', async () => {
    const { app, auth } = world({ key: 'member' })
    Object.assign(auth, { _key: 'member' })
    ;(auth as unknown as { init(): void }).init()
    app.use('/member', auth.session(), (req, res) => void res.json(req.user))
    const ann = browser(await serve(app))
    await ann.signIn()
    expect(await ann.who()).toMatchObject({ subject: 'id-ann', data: { member: { user: 'id-ann' } } })
    expect(await (await ann.request('GET', '/member')).json()).toEqual({ id: 'id-ann', name: 'ann' })
  })

  test.each([
    [null, 'passportSession(options) is null'],
    [{ sessions: {} }, 'passportSession({ sessions }) is an object'],
    [{ subject: 'id' }, 'passportSession({ subject }) is "id"'],
    [{ key: '' }, 'passportSession({ key }) is ""'],
  ])('refuses %j when it is made', (options, message) => {
    expect(() => passportSession(options as never)).toThrow(message)
  })
})
