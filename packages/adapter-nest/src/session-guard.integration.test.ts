import { shop, type Shop } from '@holdfast/test-shop'
import { Controller, Get, Post, UseGuards } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { createSessions } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { faultyStore } from '@holdfast/core/testing'
import { describe, expect, test } from 'vitest'
import { platforms, serve } from '../testing/platforms.ts'
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

  test.each(['fail', 'anonymous'] as const)('an outage is 503 and no sign-out, with onUnavailable: %j', async (onUnavailable) => {
    const store = faultyStore(memoryStore())
    const sessions = createSessions<Shop>({
      store,
      secrets: ['a secret for tests, of 32 bytes or more'],
      initial: () => ({ cart: [] }),
      onUnavailable,
    })
    const { origin } = await serve({ imports: [SessionModule.forRoot({ sessions })], controllers }, makeAdapter())
    const { cookie } = await sessions.create({ cart: [] }, { subject: 'ann' })
    store.fault = () => 'fail'
    const answer = await fetch(`${origin}/mine`, { headers: { cookie } })
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(answer.headers.getSetCookie()).toEqual([])
  })
})
