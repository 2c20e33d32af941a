import { loadOpened, type LoadOptions, type Session, type SessionManager } from '@holdfast/core'
import type { ExtendableContext } from 'koa'
import type { SessionContext } from './session-context.ts'

/**
 * The request's session. The store is asked here, once, and not before. The data's type comes from the middleware in the
 * chain, from the router's declared `SessionContext`, or from the manager given; else it is the declared `SessionData`.
 * With several session middlewares and no manager given, the last to run counts.
 *
 * @throws `ERR_NO_MIDDLEWARE` where no `sessionMiddleware` ran; `ERR_UNAVAILABLE` when the store does not answer
 * @example
 * router.post('/cart/:sku', async (ctx) => {
 *   const session = await getSession(ctx)
 *   session.update((data) => { data.cart.push(ctx.params.sku) })
 *   ctx.body = session.data.cart
 * })
 */
export function getSession<Data extends object>(
  ctx: ExtendableContext,
  sessions: SessionManager<Data>,
  options?: LoadOptions,
): Promise<Session<Data>>
export function getSession<Data extends object>(ctx: SessionContext<Data>, options?: LoadOptions): Promise<Session<Data>>
export function getSession(ctx: ExtendableContext, options?: LoadOptions): Promise<Session>
export function getSession(
  ctx: ExtendableContext | SessionContext<any>,
  first?: SessionManager<any> | LoadOptions,
  second?: LoadOptions,
): Promise<Session<any>> {
  const { req } = ctx as ExtendableContext
  return loadOpened(req, first, second, 'put app.use(sessionMiddleware(sessions)) before this middleware')
}
