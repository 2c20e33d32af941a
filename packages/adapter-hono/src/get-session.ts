import { loadOpened, type LoadOptions, type Session, type SessionData, type SessionManager } from '@holdfast/core'
import type { Context } from 'hono'
import type { SessionVariables } from './session-env.ts'

/**
 * The request's session. The store is asked here, once, and not before. The data's type comes from the middleware in the
 * chain, from the declared `SessionEnv`, or from the manager given; else it is the declared `SessionData`.
 * With several session middlewares and no manager given, the last to run counts.
 *
 * @throws `ERR_NO_MIDDLEWARE` where no `sessionMiddleware` ran; `ERR_UNAVAILABLE` when the store does not answer
 * @example
 * app.post('/cart/:sku', async (c) => {
 *   const session = await getSession(c)
 *   session.update((data) => { data.cart.push(c.req.param('sku')) })
 *   return c.json(session.data.cart)
 * })
 */
export function getSession<Data extends object>(
  c: Context<any, any, any>,
  sessions: SessionManager<Data>,
  options?: LoadOptions,
): Promise<Session<Data>>
export function getSession<Data extends object>(c: { readonly var: SessionVariables<Data> }, options?: LoadOptions): Promise<Session<Data>>
export function getSession(c: Context<any, any, any>, options?: LoadOptions): Promise<Session<SessionData>>
export function getSession(
  c: Context<any, any, any> | { readonly var: SessionVariables<any> },
  first?: SessionManager<any> | LoadOptions,
  second?: LoadOptions,
): Promise<Session<any>> {
  return loadOpened(c, first, second, 'put app.use(sessionMiddleware(sessions)) before this route')
}
