import { createSessions } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { passportSession, type PassportData } from '@holdfast/core/node'
import { faultyStore } from '@holdfast/core/testing'
import type { Browser } from '@holdfast/test-shop'
import { Controller, Get, Injectable, Post, Req, Session, UnauthorizedException, UseGuards, type ExecutionContext } from '@nestjs/common'
import { AuthGuard, PassportModule, PassportSerializer, PassportStrategy } from '@nestjs/passport'
import type { Request, Response as ExpressResponse } from 'express'
import type { FastifyReply, FastifyRequest } from 'fastify'
import passport, { type StrategyCreated } from 'passport'
import { Strategy } from 'passport-local'
import { describe, expect, test } from 'vitest'
import { platforms, serve } from '../testing/platforms.ts'
import { CurrentSession, SessionGuard, SessionModule } from './index.ts'

interface Data extends PassportData {
  cart: string[]
  state?: string
}

interface User {
  readonly name: string
}

@Injectable()
class LocalStrategy extends PassportStrategy(Strategy) {
  validate(name: string, password: string): User {
    if (name === 'ann' && password === 'nna') return { name }
    throw new UnauthorizedException('Wrong name or password.')
  }
}

@Injectable()
class NameSerializer extends PassportSerializer {
  serializeUser(user: User, done: (error: unknown, name: string) => void): void {
    done(null, user.name)
  }

  deserializeUser(name: string, done: (error: unknown, user: User) => void): void {
    done(null, { name })
  }
}

/** As Nest's pages write it: `super.logIn` is what puts the user into the session. */
@Injectable()
class SignInGuard extends AuthGuard('local') {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const allowed = (await super.canActivate(context)) as boolean
    await super.logIn(context.switchToHttp().getRequest())
    return allowed
  }
}

/** As strategies of OAuth begin: a state in the session, and a redirect. */
@Injectable()
class ElsewhereStrategy extends PassportStrategy(passport.Strategy, 'elsewhere') {
  override authenticate(this: StrategyCreated<this>, request: Request & { session?: Data }): void {
    request.session!.state = 'a state'
    this.redirect('https://accounts.example/')
  }

  validate(): never {
    throw new UnauthorizedException()
  }
}

@Injectable()
class ElsewhereGuard extends AuthGuard('elsewhere') {
  // On Fastify passport's redirect needs Node's response.
  getResponse(context: ExecutionContext): unknown {
    const response = context.switchToHttp().getResponse<ExpressResponse | FastifyReply>()
    return 'raw' in response ? response.raw : response
  }
}

/** Where `passport.session()` has left its own: on Fastify, whose middleware knows only Node's request, `request.user` is not there. */
const nodeRequest = (request: Request | (FastifyRequest & { raw: Request })): Request => ('raw' in request ? request.raw : request)

@Controller()
class AccountController {
  @Get('who')
  who(@Req() request: Request, @CurrentSession() { subject, outcome, data }: CurrentSession<Data>) {
    return { user: nodeRequest(request).user, subject, outcome, data }
  }

  @Get('elsewhere')
  @UseGuards(ElsewhereGuard)
  elsewhere() {}

  @Get('mine')
  @UseGuards(SessionGuard)
  mine(@Session() { passport: kept }: Data) {
    return kept
  }

  @Post('cart')
  add(@CurrentSession() session: CurrentSession<Data>) {
    session.data.cart.push('book')
  }

  @Post('sign-in')
  @UseGuards(SignInGuard)
  signIn(@Req() { user }: Request) {
    return user
  }

  @Post('sign-out')
  async signOut(@Req() request: Request) {
    await new Promise<void>((resolve, reject) =>
      nodeRequest(request).logout((error: Error | undefined) => (error ? reject(error) : resolve())),
    )
  }
}

function shop() {
  const store = faultyStore(memoryStore())
  const sessions = createSessions<Data>({
    store,
    secrets: ['a secret for tests, of 32 bytes or more'],
    initial: () => ({ cart: [] }),
    requestTimeout: 100,
  })
  return { store, sessions }
}

const signIn = (by: Browser, password = 'nna'): Promise<Response> =>
  by.request('/sign-in', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'ann', password }),
  })
const who = async (by: Browser): Promise<unknown> => (await by.request('/who')).json()

describe.each(platforms)('@nestjs/passport on $platform', ({ makeAdapter }) => {
  async function serveShop(made = shop()) {
    const { visitor } = await serve(
      {
        imports: [SessionModule.forRoot({ sessions: made.sessions }), PassportModule.register({ session: true })],
        controllers: [AccountController],
        providers: [LocalStrategy, ElsewhereStrategy, NameSerializer],
      },
      makeAdapter(),
      { prepare: (app) => app.use(passportSession()).use(passport.session()) },
    )
    return { ...made, ann: visitor() }
  }

  test('S4, S5: a sign-in binds the subject for SessionGuard, and a token planted before it opens nothing', async () => {
    const { ann, store } = await serveShop()
    await ann.request('/cart', { method: 'POST' })
    expect((await ann.request('/mine')).status).toBe(401)
    const planted = ann.cookie
    store.calls.length = 0
    const answer = await signIn(ann)
    expect([answer.status, await answer.json(), answer.headers.getSetCookie().length]).toEqual([201, { name: 'ann' }, 1])
    expect(
      store.calls.map(({ method }) => method),
      'the new record, then the end of the old one',
    ).toEqual(['get', 'put', 'put'])
    expect(await who(ann)).toEqual({
      user: { name: 'ann' },
      subject: 'ann',
      outcome: 'live',
      data: { cart: [], passport: { user: 'ann' } },
    })
    expect(await (await ann.request('/mine')).json()).toEqual({ user: 'ann' })
    ann.jar.clear()
    const old = await ann.request('/who', { headers: { cookie: planted } })
    expect(await old.json()).toEqual({ outcome: 'ended', data: { cart: [] } })
  })

  test('a wrong password is 401, and leaves nothing', async () => {
    const { ann, store } = await serveShop()
    expect((await signIn(ann, 'wrong')).status).toBe(401)
    expect([ann.jar.size, store.calls]).toEqual([0, []])
  })

  test('S8: a sign-out ends the session in one write, for SessionGuard as well', async () => {
    const { ann, store } = await serveShop()
    await signIn(ann)
    const stolen = ann.cookie
    store.calls.length = 0
    expect((await ann.request('/sign-out', { method: 'POST' })).status).toBe(201)
    expect(store.calls.map(({ method }) => method)).toEqual(['get', 'put'])
    expect(ann.jar.size).toBe(0)
    expect((await ann.request('/mine', { headers: { cookie: stolen } })).status).toBe(401)
  })

  test('a strategy that redirects finds its state again', async () => {
    const { ann } = await serveShop()
    const answer = await ann.request('/elsewhere')
    expect([answer.status, answer.headers.get('location')]).toEqual([302, 'https://accounts.example/'])
    expect(await who(ann)).toEqual({ outcome: 'live', data: { cart: [], state: 'a state' } })
  })

  test('a store that fails at the sign-in: 503 with Retry-After, and nobody is signed in', async () => {
    const { ann, store } = await serveShop()
    store.fault = ({ method }) => (method === 'put' ? 'fail' : undefined)
    const answer = await signIn(ann)
    expect([answer.status, answer.headers.get('retry-after'), answer.headers.getSetCookie()]).toEqual([503, '1', []])
    store.fault = undefined
    expect((await ann.request('/mine')).status).toBe(401)
  })
})
