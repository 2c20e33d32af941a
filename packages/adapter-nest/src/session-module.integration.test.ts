import { shop, type Shop } from '@holdfast/test-shop'
import { Controller, Get, Injectable, Module, Post, Req, Session as NestsSession, type INestApplication } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { Test } from '@nestjs/testing'
import { createSessions, type Session, type SessionManager } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { describe, expect, test } from 'vitest'
import { listen, platforms, serve } from '../testing/platforms.ts'
import { CurrentSession, InjectSessions, SessionModule } from './index.ts'

@Controller()
class ShopController {
  @Get('who')
  who(@CurrentSession() session: CurrentSession<Shop>) {
    return session.data.user ?? 'nobody'
  }

  @Post('sign-in')
  signIn(@CurrentSession() session: CurrentSession<Shop>) {
    session.data.user = 'ann'
    session.regenerate({ subject: 'ann' })
    return 'hello'
  }

  @Post('sign-out')
  signOut(@CurrentSession() session: CurrentSession<Shop>) {
    session.destroy()
    return 'bye'
  }
}

const controllers = [ShopController]
const secrets = ['a secret for tests, of 32 bytes or more']

describe.each(platforms)('on $platform', ({ makeAdapter }) => {
  test('signs in and out, and the old cookies open nothing', async () => {
    const ann = (await serve({ imports: [SessionModule.forRoot({ sessions: shop().sessions })], controllers }, makeAdapter())).visitor()
    expect(await (await ann.request('/sign-in', { method: 'POST' })).text()).toBe('hello')
    const { cookie } = ann
    expect(await (await ann.request('/who')).text()).toBe('ann')
    await ann.request('/sign-out', { method: 'POST' })
    expect(ann.jar.size).toBe(0)
    expect(await (await ann.request('/who', { headers: { cookie } })).text()).toBe('nobody')
  })

  test('forRootAsync: a manager made from other providers, in its own time', async () => {
    @Injectable()
    class Config {
      readonly secrets = secrets
    }

    @Module({ providers: [Config], exports: [Config] })
    class ConfigModule {
      readonly name = 'config'
    }
    const module = SessionModule.forRootAsync({
      imports: [ConfigModule],
      inject: [Config],
      useFactory: async (config: Config) => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        return createSessions<Shop>({ store: memoryStore(), secrets: config.secrets, initial: () => ({ cart: [] }) })
      },
    })
    const ann = (await serve({ imports: [module], controllers }, makeAdapter())).visitor()
    await ann.request('/sign-in', { method: 'POST' })
    expect(await (await ann.request('/who')).text()).toBe('ann')
  })

  test('a testing module is given its sessions too, before what the test uses', async () => {
    const testing = await Test.createTestingModule({
      imports: [SessionModule.forRoot({ sessions: shop().sessions, eager: true })],
      controllers,
    }).compile()
    const app = testing.createNestApplication<INestApplication>(makeAdapter(), { logger: false })
    const seen: unknown[] = []
    app.use((request: { session?: Session<Shop> }, _: unknown, next: () => void) => {
      seen.push(request.session?.outcome)
      next()
    })
    await app.init()
    const ann = (await listen(app)).visitor()
    await ann.request('/sign-in', { method: 'POST' })
    expect(await (await ann.request('/who')).text()).toBe('ann')
    expect(seen).toEqual(['new', 'live'])
  })

  test('two applications in one process have each its own', async () => {
    const one = await serve({ imports: [SessionModule.forRoot({ sessions: shop().sessions })], controllers }, makeAdapter())
    const other = await serve({ imports: [SessionModule.forRoot({ sessions: shop().sessions })], controllers }, makeAdapter())
    const ann = one.visitor()
    await ann.request('/sign-in', { method: 'POST' })
    const { cookie } = ann
    expect(await (await fetch(`${other.origin}/who`, { headers: { cookie } })).text()).toBe('nobody')
    expect(await (await ann.request('/who')).text()).toBe('ann')
  })

  describe('eager', () => {
    @Controller()
    class MovedController {
      @Get('decorated')
      decorated(@NestsSession() session: Session<Shop>) {
        return session.data.user ?? 'nobody'
      }

      @Get('on-request')
      onRequest(@Req() request: { session: Session<Shop> }) {
        return request.session.data.user ?? 'nobody'
      }
    }
    const serveEager = async () =>
      serve(
        { imports: [SessionModule.forRoot({ sessions: shop().sessions, eager: true })], controllers: [ShopController, MovedController] },
        makeAdapter(),
      )

    test.each(['/decorated', '/on-request'])('%s: the session stands on the request', async (path) => {
      const ann = (await serveEager()).visitor()
      expect(await (await ann.request(path)).text()).toBe('nobody')
      await ann.request('/sign-in', { method: 'POST' })
      expect(await (await ann.request(path)).text()).toBe('ann')
    })
  })

  describe("cookie: { secure: 'auto' }", () => {
    const signIn = async (trust: boolean, proto: string): Promise<string | undefined> => {
      const { origin } = await serve(
        { imports: [SessionModule.forRoot({ sessions: shop({ secure: 'auto' }).sessions })], controllers },
        makeAdapter({ trustProxy: trust }),
        // Fastify takes it when it is made.
        { prepare: (app) => (app as Partial<NestExpressApplication>).set?.('trust proxy', trust) },
      )
      const answer = await fetch(`${origin}/sign-in`, { method: 'POST', headers: { 'x-forwarded-proto': proto } })
      return answer.headers.getSetCookie()[0]
    }

    test('goes by a trusted proxy', async () => {
      expect(await signIn(true, 'https')).toContain('; Secure')
      expect(await signIn(true, 'http')).not.toContain('Secure')
    })

    test('believes nobody else', async () => {
      expect(await signIn(false, 'https')).not.toContain('Secure')
    })
  })

  describe('close', () => {
    test('waits for a request that is under way, saves it, and then closes the store', async () => {
      const { store, sessions } = shop()
      const order: string[] = []
      const { close } = store
      store.close = async () => {
        order.push('store closed')
        await close?.call(store)
      }
      store.fault = ({ method }) => {
        order.push(method)
        return undefined
      }
      let begun!: () => void
      const handling = new Promise<void>((resolve) => (begun = resolve))
      let finish!: () => void
      const finished = new Promise<void>((resolve) => (finish = resolve))

      @Controller()
      class SlowController {
        @Post()
        async post(@CurrentSession() session: CurrentSession<Shop>) {
          begun()
          await finished
          session.data.user = 'ann'
          return 'saved'
        }
      }
      const { app, origin } = await serve({ imports: [SessionModule.forRoot({ sessions })], controllers: [SlowController] }, makeAdapter())
      const answer = fetch(origin, { method: 'POST', headers: { connection: 'close' } })
      await handling
      const closed = app.close()
      setTimeout(finish, 50)
      expect(await (await answer).text()).toBe('saved')
      await closed
      expect(order).toEqual(['put', 'store closed'])
    })
  })
})

describe('InjectSessions', () => {
  @Injectable()
  class Invitations {
    @InjectSessions() private readonly sessions!: SessionManager<Shop>

    async accept(user: string): Promise<string> {
      return (await this.sessions.create({ user, cart: [] }, { subject: user })).cookie
    }
  }

  test.each(platforms)('on $platform: a service makes sessions', async ({ makeAdapter }) => {
    const { app, origin } = await serve(
      { imports: [SessionModule.forRoot({ sessions: shop().sessions })], controllers, providers: [Invitations] },
      makeAdapter(),
    )
    const cookie = await app.get(Invitations).accept('ann')
    expect(await (await fetch(`${origin}/who`, { headers: { cookie } })).text()).toBe('ann')
  })

  test('also where there is no server', async () => {
    const { sessions, store } = shop()
    let closed = false
    store.close = async () => {
      closed = true
    }

    @Module({ imports: [SessionModule.forRoot({ sessions })], providers: [Invitations] })
    class JobsModule {
      readonly name = 'jobs'
    }
    const context = await NestFactory.createApplicationContext(JobsModule, { logger: false, abortOnError: false })
    expect(await context.get(Invitations).accept('ann')).toMatch(/^__Host-session=/)
    await context.close()
    expect(closed).toBe(true)
  })
})

describe('wrong options are named at once', () => {
  const wrong = (options: unknown) => () => SessionModule.forRoot(options as never)
  const wrongAsync = (options: unknown) => () => SessionModule.forRootAsync(options as never)

  test.each([
    [wrong(undefined), 'SessionModule.forRoot(options) is undefined; it takes { sessions }'],
    [wrong({}), 'sessions of SessionModule.forRoot() is undefined; it takes what createSessions() has made.'],
    [wrong({ sessions: { store: {} } }), 'sessions of SessionModule.forRoot() is of type object; it takes what createSessions() has made.'],
    [wrong({ sessions: shop().sessions, eager: 'yes' }), 'eager of SessionModule.forRoot() is of type string; it takes true or false.'],
    [wrongAsync(null), 'SessionModule.forRootAsync(options) is null; it takes { useFactory }'],
    [wrongAsync({ useFactory: shop().sessions }), 'useFactory of SessionModule.forRootAsync() is of type object; it takes a function'],
  ])('%#', (make, message) => {
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_OPTION', message: expect.stringContaining(message) as string }))
  })

  test('of what a factory answers, when the application is made', async () => {
    const module = SessionModule.forRootAsync({ useFactory: () => ({}) as never })
    await expect(NestFactory.create(module, { logger: false, abortOnError: false })).rejects.toMatchObject({
      code: 'ERR_OPTION',
      message: 'What useFactory of SessionModule.forRootAsync() answered is of type object; it takes what createSessions() has made.',
    })
  })
})
