import { shop, type Browser, type Shop } from '@holdfast/test-shop'
import { Router } from '@koa/router'
import type { DefaultState, Middleware } from 'koa'
import { getSession, sessionMiddleware, type MiddlewareOptions, type SessionContext } from '../src/index.ts'
import type { KoaVersion } from './koas.ts'
import { serveApp } from './serve-app.ts'

interface ShopAppOptions {
  readonly made?: ReturnType<typeof shop>
  /** Middleware before that of the session. */
  readonly upstream?: Middleware
  readonly options?: MiddlewareOptions
}

/**
 * An application whose `/who` tells who is signed in, for routes of a test's own. `errors` are those that Koa was told of.
 *
 * @example
 * const { router, serve } = shopApp(Koa)
 * router.get('/', change, (ctx) => void (ctx.body = 'hello'))
 * const ann = await serve()
 */
export function shopApp(Koa: KoaVersion['Koa'], { made = shop(), upstream, options }: ShopAppOptions = {}) {
  const errors: unknown[] = []
  const app = new Koa()
  app.on('error', (error: unknown) => errors.push(error))
  if (upstream !== undefined) app.use(upstream)
  app.use(sessionMiddleware(made.sessions, options))
  const router = new Router<DefaultState, SessionContext<Shop>>()
  router.get('/who', async (ctx) => {
    ctx.body = (await getSession(ctx)).data.user ?? 'nobody'
  })
  return { ...made, app, router, errors, serve: async (): Promise<Browser> => serveApp(app.use(router.routes())) }
}

/** Signs ann in, so that the session has to be saved. */
export const change: Middleware<DefaultState, SessionContext<Shop>> = async (ctx, next) => {
  ;(await getSession(ctx)).data.user = 'ann'
  await next()
}
