import { shop, type Shop } from '@holdfast/test-shop'
import { Catch, Controller, Get, Post, UseGuards, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common'
import { APP_GUARD, BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core'
import { createSessions, type SessionError } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { faultyStore } from '@holdfast/core/testing'
import type { Response } from 'express'
import type { FastifyReply } from 'fastify'
import { describe, expect, test } from 'vitest'
import { platforms, serve, type HttpApplication, type ServeOptions } from '../testing/platforms.ts'
import { CurrentSession, SessionGuard, SessionModule } from './index.ts'

@Controller('orders')
@UseGuards(SessionGuard)
class OrdersController {
  @Get()
  list() {
    return []
  }
}

@Controller()
class HomeController {
  @Get('open')
  open() {
    return 'come in'
  }

  @Get('mine')
  @UseGuards(SessionGuard)
  mine(@CurrentSession() session: CurrentSession<Shop>) {
    return session.subject
  }

  @Post('fill')
  fill(@CurrentSession() session: CurrentSession<Shop>) {
    session.data.cart.push('apple')
  }
}

@Catch()
class CatchAllFilter implements ExceptionFilter<SessionError> {
  catch({ status }: SessionError, host: ArgumentsHost) {
    host.switchToHttp().getResponse<Response | FastifyReply>().status(status).send({ caught: status })
  }
}

@Catch()
class TrackingFilter extends BaseExceptionFilter {}

const controllers = [OrdersController, HomeController]

describe.each(platforms)('on $platform', ({ makeAdapter }) => {
  test('SessionGuard lets pass who signed in, on a class and on a method', async () => {
    const { sessions } = shop()
    const { origin } = await serve({ imports: [SessionModule.forRoot({ sessions })], controllers }, makeAdapter())
    const { cookie } = await sessions.create({ cart: [] }, { subject: 'ann' })
    expect(await (await fetch(`${origin}/orders`, { headers: { cookie } })).json()).toEqual([])
    expect(await (await fetch(`${origin}/mine`, { headers: { cookie } })).text()).toBe('ann')
    expect((await fetch(`${origin}/open`)).status).toBe(200)
  })

  test('others get 401, in the shape of Nest; a session alone is no sign-in', async () => {
    const { sessions } = shop()
    const { origin, visitor } = await serve({ imports: [SessionModule.forRoot({ sessions })], controllers }, makeAdapter())
    const answer = await fetch(`${origin}/orders`)
    expect([answer.status, await answer.json()]).toEqual([401, { statusCode: 401, message: 'Unauthorized' }])
    const bob = visitor()
    await bob.request('/fill', { method: 'POST' })
    expect(bob.jar.size).toBe(1)
    expect((await bob.request('/mine')).status).toBe(401)
  })

  test('as APP_GUARD it guards every route, and as a global guard', async () => {
    const provided = await serve(
      {
        imports: [SessionModule.forRoot({ sessions: shop().sessions })],
        controllers,
        providers: [{ provide: APP_GUARD, useClass: SessionGuard }],
      },
      makeAdapter(),
    )
    const used = await serve({ imports: [SessionModule.forRoot({ sessions: shop().sessions })], controllers }, makeAdapter(), {
      prepare: (app) => app.useGlobalGuards(new SessionGuard()),
    })
    for (const { origin } of [provided, used]) expect((await fetch(`${origin}/open`)).status).toBe(401)
  })

  const serveOutage = async (options: ServeOptions = {}, eager = false, onUnavailable: 'fail' | 'anonymous' = 'anonymous') => {
    const store = faultyStore(memoryStore())
    const sessions = createSessions<Shop>({
      store,
      secrets: ['a secret for tests, of 32 bytes or more'],
      initial: () => ({ cart: [] }),
      onUnavailable,
    })
    const { origin } = await serve({ imports: [SessionModule.forRoot({ sessions, eager })], controllers }, makeAdapter(), options)
    const { cookie } = await sessions.create({ cart: [] }, { subject: 'ann' })
    store.fault = () => 'fail'
    return { origin, cookie }
  }

  test.each(['fail', 'anonymous'] as const)('an outage is 503 and no sign-out, with onUnavailable: %j', async (onUnavailable) => {
    const { origin, cookie } = await serveOutage({}, false, onUnavailable)
    const answer = await fetch(`${origin}/mine`, { headers: { cookie } })
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(answer.headers.getSetCookie()).toEqual([])
  })

  test.each([
    ['one for all errors', () => new CatchAllFilter()],
    ['one made after Nest’s own', (app: HttpApplication) => new TrackingFilter(app.get(HttpAdapterHost).httpAdapter)],
  ])('an outage keeps its Retry-After under a filter of the application: %s', async (_, makeFilter) => {
    const { origin, cookie } = await serveOutage({ prepare: (app) => app.useGlobalFilters(makeFilter(app)) })
    const answer = await fetch(`${origin}/mine`, { headers: { cookie } })
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
  })

  test('so it does where the session was loaded before the guard', async () => {
    const { origin, cookie } = await serveOutage({ prepare: (app) => app.useGlobalFilters(new CatchAllFilter()) }, true)
    const answer = await fetch(`${origin}/mine`, { headers: { cookie } })
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
  })
})
