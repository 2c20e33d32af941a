import { shop, type Shop } from '@holdfast/test-shop'
import {
  Catch,
  Controller,
  Get,
  HttpException,
  Post,
  UseFilters,
  type ArgumentsHost,
  type ExceptionFilter,
  type LoggerService,
} from '@nestjs/common'
import { APP_FILTER, BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core'
import { createSessions, isSessionError } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { describe, expect, test } from 'vitest'
import { platforms, serve } from '../testing/platforms.ts'
import { CurrentSession, getSession, SessionModule, type SessionSource } from './index.ts'

/** Answers everything in its own words. */
@Catch()
class CatchAll implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost) {
    const status = isSessionError(error) ? error.status : 500
    const response = host.switchToHttp().getResponse<{ status(status: number): { send(body: unknown): void } }>()
    response.status(status).send({ ours: status })
  }
}

/** Adds to what Nest answers, as error trackers do. */
@Catch()
class Tracker extends BaseExceptionFilter {
  override catch(error: unknown, host: ArgumentsHost) {
    // oxlint-disable-next-line promise/valid-params -- Nest's, not a promise's
    super.catch(error, host)
  }
}

// What stays pending is saved with the answer, and when that fails too, the gate answers.
async function saveOrDiscard(session: CurrentSession<Shop>): Promise<void> {
  try {
    await session.save()
  } catch (error) {
    session.discard()
    throw error
  }
}

@Controller()
class FailingController {
  @Get()
  read(@CurrentSession() session: CurrentSession<Shop>) {
    return session.data.cart
  }

  @Post()
  change(@CurrentSession() session: CurrentSession<Shop>) {
    session.data.cart.push('apple')
  }

  @Post('save')
  async save(@CurrentSession() session: CurrentSession<Shop>) {
    session.data.cart.push('apple')
    await saveOrDiscard(session)
  }

  @Get('caught')
  @UseFilters(CatchAll)
  caught(@CurrentSession() session: CurrentSession<Shop>) {
    return session.data.cart
  }
}

const controllers = [FailingController]
const inNestsShape = { statusCode: 503, message: 'The session store is unavailable. Try again.' }

describe.each(platforms)('on $platform', ({ makeAdapter }) => {
  /** Serves where reads or writes fail, to somebody who has a session. */
  const serveFailing = async (method: 'get' | 'put', options?: Parameters<typeof serve>[2], more: object = {}) => {
    const { sessions, store } = shop()
    const served = await serve({ imports: [SessionModule.forRoot({ sessions })], controllers, ...more }, makeAdapter(), options)
    const { cookie } = await sessions.create({ cart: [] })
    store.fault = (call) => (call.method === method ? 'fail' : undefined)
    return {
      ...served,
      async send(path: string, init?: RequestInit) {
        const answer = await fetch(`${served.origin}${path}`, { headers: { cookie }, ...init })
        return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body: await answer.text() }
      },
    }
  }

  test('a load fails: 503 with Retry-After, in the shape of Nest', async () => {
    const { send } = await serveFailing('get')
    expect(await send('/')).toEqual({ status: 503, retryAfter: '1', body: JSON.stringify(inNestsShape) })
  })

  test('a save that a handler awaits fails: so too, once what is pending is discarded', async () => {
    const { send } = await serveFailing('put')
    expect(await send('/save', { method: 'POST' })).toEqual({ status: 503, retryAfter: '1', body: JSON.stringify(inNestsShape) })
  })

  test('the commit of an answer fails: 503 with Retry-After, from the gate', async () => {
    const { send } = await serveFailing('put')
    expect(await send('/', { method: 'POST' })).toEqual({ status: 503, retryAfter: '1', body: inNestsShape.message })
  })

  test.each([
    {
      how: 'given to the application',
      options: { prepare: (app: { useGlobalFilters(filter: object): unknown }) => app.useGlobalFilters(new CatchAll()) },
      more: {},
    },
    { how: 'provided as APP_FILTER', options: {}, more: { providers: [{ provide: APP_FILTER, useClass: CatchAll }] } },
  ])('a filter for everything that is $how wins, and Retry-After stays', async ({ options, more }) => {
    const { send } = await serveFailing('get', options, more)
    expect(await send('/')).toEqual({ status: 503, retryAfter: '1', body: '{"ours":503}' })
  })

  test('so does the filter of a method', async () => {
    const { send } = await serveFailing('get')
    expect(await send('/caught')).toEqual({ status: 503, retryAfter: '1', body: '{"ours":503}' })
  })

  test('a filter that leaves the answer to Nest: 503 with Retry-After, and none of our words to the developer', async () => {
    const { send } = await serveFailing('get', {
      prepare: (app) => app.useGlobalFilters(new Tracker(app.get(HttpAdapterHost).httpAdapter)),
    })
    const { body, ...head } = await send('/')
    expect(head).toEqual({ status: 503, retryAfter: '1' })
    expect(body).not.toMatch(/faultyStore/)
  })

  test('middleware that asks for the session may fail too', async () => {
    const { send } = await serveFailing('get', {
      prepare: (app) =>
        app.use((request: SessionSource, _: unknown, next: (error?: unknown) => void) => void getSession(request).then(() => next(), next)),
    })
    const { body, ...head } = await send('/')
    expect(head).toEqual({ status: 503, retryAfter: '1' })
    expect(JSON.parse(body)).toEqual(inNestsShape)
  })

  test('so may the middleware of a module, and the session that is loaded first of all', async () => {
    const inModule = await serveFailing('get', {
      configure: (consumer) =>
        consumer
          .apply(async (request: SessionSource, _: unknown, next: () => void) => {
            await getSession(request)
            next()
          })
          .forRoutes(FailingController),
    })
    const { sessions, store } = shop()
    const eager = await serve({ imports: [SessionModule.forRoot({ sessions, eager: true })], controllers }, makeAdapter())
    const { cookie } = await sessions.create({ cart: [] })
    store.fault = () => 'fail'
    const answer = await fetch(eager.origin, { headers: { cookie } })
    expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([503, '1', inNestsShape])
    expect(await inModule.send('/')).toEqual({ status: 503, retryAfter: '1', body: JSON.stringify(inNestsShape) })
  })

  test('what the developer has to know is logged, and not sent', async () => {
    const logged: unknown[] = []
    const logger: LoggerService = { log: () => {}, warn: () => {}, error: (...words) => void logged.push(words.join(' ')) }
    const { send } = await serveFailing('get', { logger })
    expect((await send('/')).body).not.toContain('faultyStore')
    expect(logged).toEqual([expect.stringContaining('ERR_UNAVAILABLE: ')])
    expect(logged).toEqual([expect.stringContaining('SessionModule')])
  })

  test('a conflict is 409, and what is wrong in the program 500', async () => {
    const sessions = createSessions<Shop & { when?: unknown }>({
      store: memoryStore(),
      secrets: ['a secret for tests, of 32 bytes or more'],
      initial: () => ({ cart: [] }),
      onOverlap: 'fail',
    })

    @Controller()
    class WrongController {
      @Post('conflict')
      async conflict(@CurrentSession(sessions) session: CurrentSession<Shop>) {
        const other = await sessions.open(cookie).load()
        other.data.cart = ['pear']
        await other.save()
        session.data.cart = ['apple']
        await saveOrDiscard(session)
      }

      @Post('data')
      async data(@CurrentSession(sessions) session: CurrentSession<Shop & { when?: unknown }>) {
        session.data.when = 10n
        await saveOrDiscard(session)
      }
    }
    const { origin } = await serve({ imports: [SessionModule.forRoot({ sessions })], controllers: [WrongController] }, makeAdapter())
    const { cookie } = await sessions.create({ cart: [] })
    const send = async (path: string) => {
      const answer = await fetch(`${origin}/${path}`, { method: 'POST', headers: { cookie } })
      return [answer.status, await answer.json(), answer.headers.get('retry-after')]
    }
    expect(await send('conflict')).toEqual([409, { statusCode: 409, message: 'The session was changed by another request.' }, null])
    expect(await send('data')).toEqual([500, { statusCode: 500, message: 'Internal Server Error' }, null])
  })

  test('other errors are answered as before', async () => {
    @Controller()
    class OtherController {
      @Get('known')
      known() {
        throw new HttpException('pay first', 402)
      }

      @Get('unknown')
      unknown() {
        throw new Error('oh')
      }
    }
    const { origin } = await serve(
      { imports: [SessionModule.forRoot({ sessions: shop().sessions })], controllers: [OtherController] },
      makeAdapter(),
    )
    expect(await (await fetch(`${origin}/known`)).json()).toEqual({ statusCode: 402, message: 'pay first' })
    expect(await (await fetch(`${origin}/unknown`)).json()).toEqual({ statusCode: 500, message: 'Internal server error' })
  })
})
