import { createSessions } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { passportSession, type PassportData } from '@holdfast/core/node'
import { faultyStore } from '@holdfast/core/testing'
import type { Browser } from '@holdfast/test-shop'
import { KoaPassport, type PassportContext } from 'koa-passport'
import { Strategy } from 'passport-local'
import { describe, expect, test } from 'vitest'
import { koas, type KoaVersion } from '../testing/koas.ts'
import { serveApp } from '../testing/serve-app.ts'
import { getSession, sessionMiddleware } from './index.ts'

interface Data extends PassportData {
  cart: string[]
}

/** An application with koa-passport, for ann, whose password is nna. */
function shop(Koa: KoaVersion['Koa']) {
  const store = faultyStore(memoryStore())
  const sessions = createSessions<Data>({
    store,
    secrets: ['a secret for tests, of 32 bytes or more'],
    initial: () => ({ cart: [] }),
    requestTimeout: 100,
  })
  const passport = new KoaPassport()
  passport.use(
    new Strategy((name, password, done) => {
      if (name === 'ann' && password === 'nna') done(null, { name })
      else done(null, false, { message: 'Wrong name or password.' })
    }),
  )
  passport.serializeUser((user, done) => done(null, (user as { name: string }).name))
  passport.deserializeUser((name, done) => done(null, { name }))

  const routes: Record<string, (ctx: PassportContext, next: () => Promise<unknown>) => unknown> = {
    '/who': async (ctx) => {
      const { subject, outcome, data } = await getSession(ctx, sessions)
      ctx.body = { user: ctx.state['user']?.name, subject, outcome, data }
    },
    '/cart': async (ctx) => {
      ;(await getSession(ctx, sessions)).data.cart.push('book')
      ctx.body = ''
    },
    '/sign-in': passport.authenticate('local', { successRedirect: '/', failureRedirect: '/sign-in', failureMessage: true }),
    '/log-in': async (ctx) => {
      await ctx.login({ name: 'ann' }, { keepSessionInfo: true })
      ctx.body = ctx.isAuthenticated()
    },
    '/sign-out': async (ctx) => {
      await ctx.logout()
      ctx.redirect('/')
    },
    '/sign-out-and-keep': async (ctx) => {
      await ctx.logout({ keepSessionInfo: true })
      ctx.redirect('/')
    },
  }
  const app = new Koa()
  app.on('error', () => {})
  app.use(sessionMiddleware(sessions))
  app.use(passportSession())
  app.use(async (ctx, next) => {
    // What a body parser would put there.
    Object.assign(ctx.request, { body: Object.fromEntries(ctx.URL.searchParams) })
    await next()
  })
  app.use(passport.initialize())
  app.use(passport.session())
  app.use((ctx, next) => routes[ctx.path]?.(ctx as PassportContext, next))
  return { store, serve: () => serveApp(app) }
}

const signIn = (by: Browser, password = 'nna'): Promise<Response> =>
  by.request(`/sign-in?${new URLSearchParams({ username: 'ann', password }).toString()}`, { method: 'POST' })
const who = async (by: Browser): Promise<unknown> => (await by.request('/who')).json()

describe.each(koas)('koa-passport on Koa $version', ({ Koa }) => {
  test('S4, S5: a sign-in is one write, binds the subject, and a token planted before it opens nothing', async () => {
    const { store, serve } = shop(Koa)
    const ann = await serve()
    await ann.request('/cart')
    const planted = ann.cookie
    store.calls.length = 0
    const answer = await signIn(ann)
    expect([answer.status, answer.headers.get('location'), answer.headers.getSetCookie().length]).toEqual([302, '/', 1])
    expect(
      store.calls.map(({ method }) => method),
      'the new record, then the end of the old one',
    ).toEqual(['get', 'put', 'put'])
    expect(await who(ann)).toEqual({ user: 'ann', subject: 'ann', outcome: 'live', data: { cart: [], passport: { user: 'ann' } } })
    ann.jar.clear()
    const old = await ann.request('/who', { headers: { cookie: planted } })
    expect(await old.json()).toEqual({ outcome: 'ended', data: { cart: [] } })
  })

  test('a wrong password signs nobody in, and leaves a message', async () => {
    const ann = await shop(Koa).serve()
    expect((await signIn(ann, 'wrong')).headers.get('location')).toBe('/sign-in')
    expect(await who(ann)).toEqual({ outcome: 'live', data: { cart: [], messages: ['Wrong name or password.'] } })
  })

  test('S8: ctx.logout() ends the session in one write, and leaves neither cookie nor record', async () => {
    const { store, serve } = shop(Koa)
    const ann = await serve()
    await signIn(ann)
    const stolen = ann.cookie
    store.calls.length = 0
    await ann.request('/sign-out', { method: 'POST' })
    expect(store.calls.map(({ method }) => method)).toEqual(['get', 'put'])
    expect(ann.jar.size).toBe(0)
    expect(await (await ann.request('/who', { headers: { cookie: stolen } })).json()).toMatchObject({ outcome: 'ended' })
  })

  test('ctx.login() and ctx.logout() with keepSessionInfo keep what was there', async () => {
    const ann = await shop(Koa).serve()
    await ann.request('/cart')
    expect(await (await ann.request('/log-in', { method: 'POST' })).text()).toBe('true')
    expect(await who(ann)).toMatchObject({ user: 'ann', data: { cart: ['book'] } })
    const answer = await ann.request('/sign-out-and-keep', { method: 'POST' })
    expect(answer.headers.getSetCookie()).toHaveLength(1)
    expect(await who(ann)).toEqual({ outcome: 'live', data: { cart: ['book'] } })
  })

  test('a store that fails at the sign-in or the sign-out: 503 with Retry-After, and nothing has changed', async () => {
    const { store, serve } = shop(Koa)
    const ann = await serve()
    const failing = async (request: () => Promise<Response>): Promise<unknown[]> => {
      store.fault = ({ method }) => (method === 'put' ? 'fail' : undefined)
      const answer = await request()
      store.fault = undefined
      return [answer.status, answer.headers.get('retry-after'), answer.headers.getSetCookie()]
    }
    expect(await failing(() => signIn(ann))).toEqual([503, '1', []])
    expect(await who(ann)).toEqual({ outcome: 'new', data: { cart: [] } })
    await signIn(ann)
    expect(await failing(() => ann.request('/sign-out', { method: 'POST' }))).toEqual([503, '1', []])
    expect(await who(ann)).toMatchObject({ user: 'ann' })
  })
})
