import { sessionError, type LoadOptions, type Session, type SessionData, type SessionManager } from '@holdfast/core'
import type { Context } from 'hono'
import { findOpened } from './opened.ts'
import type { SessionVariables } from './session-env.ts'

/**
 * The request's session. The store is asked here, once, and not before. The data's type comes from the middleware in the
 * chain, from the declared `SessionEnv`, or from the manager given; else it is the declared `SessionData`.
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
  const sessions = first !== undefined && 'open' in first ? first : undefined
  const opened = findOpened(c as Context, sessions)?.opened
  if (opened === undefined) return Promise.reject(noMiddleware(sessions))
  // The promise as it stands: one derived from it could be rejected before anybody awaits it, which ends the process.
  return opened.load(sessions === undefined ? (first as LoadOptions | undefined) : second)
}

function noMiddleware(sessions: SessionManager<any> | undefined): Error {
  return sessionError(
    'ERR_NO_MIDDLEWARE',
    `getSession(c) found no session${sessions === undefined ? '' : ' of this manager'}: put app.use(sessionMiddleware(sessions)) before this route.`,
  )
}
