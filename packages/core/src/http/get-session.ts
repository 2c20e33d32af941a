import type { IncomingMessage } from 'node:http'
import type { SessionManager } from '../session/manager.ts'
import type { LoadOptions } from '../session/open-session.ts'
import { loadOpened } from '../session/opened-sessions.ts'
import type { Session } from '../session/session.ts'

/**
 * The request's session. The store is asked here, once, and not before. The data's type comes from the manager given; else
 * it is the declared `SessionData`. With several session middlewares and no manager given, the last to run counts.
 *
 * @throws `ERR_NO_MIDDLEWARE` where no `sessionMiddleware` ran; `ERR_UNAVAILABLE` when the store does not answer
 * @example
 * app.post('/cart/:sku', async (req, res) => {
 *   const session = await getSession(req, sessions)
 *   session.update((data) => { data.cart.push(req.params.sku) })
 *   res.json(session.data.cart)
 * })
 */
export function getSession<Data extends object>(
  req: IncomingMessage,
  sessions: SessionManager<Data>,
  options?: LoadOptions,
): Promise<Session<Data>>
export function getSession(req: IncomingMessage, options?: LoadOptions): Promise<Session>
export function getSession(req: IncomingMessage, first?: SessionManager<any> | LoadOptions, second?: LoadOptions): Promise<Session<any>> {
  return loadOpened(req, first, second, remedy)
}

const remedy = 'put app.use(sessionMiddleware(sessions)) before this route, or call attachSession(sessions, req, res) first'
