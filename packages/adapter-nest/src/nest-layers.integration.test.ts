import { shop, type Shop } from '@holdfast/test-shop'
import {
  Catch,
  Controller,
  Get,
  HttpException,
  Inject,
  Injectable,
  Param,
  Post,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common'
import { REQUEST } from '@nestjs/core'
import { getSession as getSessionOfNode } from '@holdfast/core/node'
import type { Request, Response } from 'express'
import { from, switchMap } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { platforms, serve } from '../testing/platforms.ts'
import { CurrentSession, getSession, SessionModule, type SessionSource } from './index.ts'

const { sessions, store } = shop()
// Each application closes its manager, and those of these tests share one.
sessions.close = async () => {}
const imports = [SessionModule.forRoot({ sessions })]

const visits = async (source: SessionSource, by: string): Promise<void> => {
  const session = await getSession(source, sessions)
  session.data.cart.push(by)
}

@Injectable()
class VisitedGuard implements CanActivate {
  async canActivate(context: ExecutionContext) {
    await visits(context, 'guard')
    return true
  }
}

@Injectable()
class VisitedInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    return from(visits(context, 'before')).pipe(
      switchMap(() => next.handle()),
      switchMap(async (value: unknown) => {
        await visits(context, 'after')
        return value
      }),
    )
  }
}

@Injectable({ scope: Scope.REQUEST })
class VisitedPipe implements PipeTransform {
  @Inject(REQUEST) private readonly request!: SessionSource

  async transform(value: unknown) {
    await visits(this.request, 'pipe')
    return value
  }
}

@Catch(HttpException)
class VisitedFilter implements ExceptionFilter<HttpException> {
  async catch(exception: HttpException, host: ArgumentsHost) {
    const http = host.switchToHttp()
    await visits(http.getRequest(), 'filter')
    http.getResponse<Response>().status(exception.getStatus()).send('filtered')
  }
}

@Controller()
class LayersController {
  @Get('all/:value')
  @UseGuards(VisitedGuard)
  @UseInterceptors(VisitedInterceptor)
  all(@Param('value', VisitedPipe) value: string, @CurrentSession(sessions) session: CurrentSession<Shop>) {
    session.data.cart.push('handler')
    return value
  }

  @Get('filtered')
  @UseFilters(VisitedFilter)
  filtered() {
    throw new HttpException('no', 402)
  }

  @Get('cart')
  cart(@CurrentSession() session: CurrentSession<Shop>) {
    return session.data.cart
  }

  @Post('both')
  both(@CurrentSession() one: CurrentSession<Shop>, @CurrentSession(sessions, { fresh: true }) other: CurrentSession<Shop>) {
    return { same: one === other }
  }

  @Get('plain')
  plain() {
    return 'plain'
  }
}

describe.each(platforms)('on $platform', ({ makeAdapter }) => {
  const serveLayers = async (options?: Parameters<typeof serve>[2]) =>
    serve({ imports, controllers: [LayersController] }, makeAdapter(), options)

  test('guards, interceptors, pipes and handlers have one session, saved once', async () => {
    const ann = (await serveLayers()).visitor()
    store.calls.length = 0
    expect(await (await ann.request('/all/a')).text()).toBe('a')
    expect(store.calls.map(({ method }) => method)).toEqual(['put'])
    expect(await (await ann.request('/cart')).json()).toEqual(['guard', 'before', 'pipe', 'handler', 'after'])
  })

  test('a filter may change it', async () => {
    const ann = (await serveLayers()).visitor()
    const answer = await ann.request('/filtered')
    expect([answer.status, await answer.text()]).toEqual([402, 'filtered'])
    expect(await (await ann.request('/cart')).json()).toEqual(['filter'])
  })

  test('asked for twice, it is the same', async () => {
    const ann = (await serveLayers()).visitor()
    expect(await (await ann.request('/both', { method: 'POST' })).json()).toEqual({ same: true })
  })

  test('global pipes leave the session alone', async () => {
    const seen: unknown[] = []
    const pipe: PipeTransform = {
      transform(value, { type }) {
        if (type !== 'custom') seen.push(value)
        return value
      },
    }
    const ann = (await serveLayers({ prepare: (app) => app.useGlobalPipes(pipe) })).visitor()
    await ann.request('/all/a')
    expect(seen).toEqual(['a'])
    expect(await (await ann.request('/cart')).json()).toHaveLength(5)
  })

  test('middleware of a module, and of main.ts, finds it: also with the functions of core', async () => {
    const { visitor } = await serveLayers({
      configure: (consumer) =>
        consumer
          .apply(async (request: Request, _: Response, next: () => void) => {
            await visits(request, 'module')
            next()
          })
          .forRoutes(LayersController),
      prepare: (app) =>
        app.use(async (request: Request, _: Response, next: () => void) => {
          const session = await getSessionOfNode(request, sessions)
          session.data.cart.push('main')
          next()
        }),
    })
    const ann = visitor()
    await ann.request('/plain')
    expect(await (await ann.request('/cart')).json()).toEqual(['main', 'module', 'main', 'module'])
  })

  test('a global prefix changes nothing', async () => {
    const ann = (await serveLayers({ prepare: (app) => app.setGlobalPrefix('api') })).visitor()
    await ann.request('/api/all/a')
    expect(await (await ann.request('/api/cart')).json()).toHaveLength(5)
  })

  test('a request that never asks for its session costs no store call and gets no header; nor does a 404', async () => {
    const { origin } = await serveLayers()
    const { cookie } = await sessions.create({ cart: [] })
    store.calls.length = 0
    for (const [path, status] of [
      ['plain', 200],
      ['nowhere', 404],
    ] as const) {
      const answer = await fetch(`${origin}/${path}`, { headers: { cookie } })
      expect(answer.status).toBe(status)
      expect(answer.headers.has('vary')).toBe(false)
      expect(answer.headers.getSetCookie()).toEqual([])
    }
    expect(store.calls).toEqual([])
  })
})
