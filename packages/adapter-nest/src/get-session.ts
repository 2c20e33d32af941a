import { loadOpened, sessionError, type LoadOptions, type Session, type SessionManager } from '@holdfast/core'
import { handshakeSession } from './handshake-session.ts'
import { managerFor } from './running-modules.ts'
import { requestOf, type SessionSource } from './session-source.ts'

/**
 * The session of a request: for guards, interceptors, pipes, filters and middleware. The store is asked here, once, and not
 * before. The data's type comes from the manager given; else it is the declared `SessionData`. With several `SessionModule`s
 * and no manager given, the last to run counts.
 *
 * A WebSocket's session is asked for anew at every call, with the cookie of the handshake, since a socket outlives what it
 * began with. No answer follows in which a change would be saved: call `await session.save()`. Nor can it set or clear a
 * cookie: what is saved in a session that the handshake had no cookie of is lost, and `regenerate()` throws `ERR_COMMITTED`.
 *
 * @throws `ERR_NO_MIDDLEWARE` where there is no request, or no `SessionModule`; `ERR_UNAVAILABLE` when the store does not answer
 * @example
 * @Injectable()
 * export class AdminGuard implements CanActivate {
 *   async canActivate(context: ExecutionContext) {
 *     const session = await getSession(context, sessions)
 *     return session.data.user?.role === 'admin'
 *   }
 * }
 *
 * @example
 * // A gateway
 * async handleConnection(client: Socket) {
 *   const { subject } = await getSession(client)
 * }
 */
export function getSession<Data extends object>(
  source: SessionSource,
  sessions: SessionManager<Data>,
  options?: LoadOptions,
): Promise<Session<Data>>
export function getSession(source: SessionSource, options?: LoadOptions): Promise<Session>
export function getSession(source: SessionSource, first?: SessionManager<any> | LoadOptions, second?: LoadOptions): Promise<Session<any>> {
  const found = requestOf(source)
  if (found === undefined) return Promise.reject(sessionError('ERR_NO_MIDDLEWARE', noRequest))
  const { request, isHandshake } = found
  if (!isHandshake) return loadOpened(request, first, second, remedy)
  const named = first !== undefined && 'open' in first ? first : undefined
  const sessions = named ?? managerFor(request)
  if (sessions === undefined) return Promise.reject(sessionError('ERR_NO_MIDDLEWARE', noManager))
  const options = named === undefined ? (first as LoadOptions | undefined) : second
  const session = sessions.open(request.headers.cookie).load(options).then(handshakeSession)
  // Who starts it and does something else first meets the error when they await it; by default Node ends the process before.
  session.catch(() => {})
  return session
}

const remedy =
  'import SessionModule.forRoot({ sessions }) in the root module of the application. In a gateway, give getSession() the client'
const noRequest =
  'getSession() found no request. A gateway on ws keeps the request of its handshake: handleConnection(client, request) { client.request = request }. In a microservice there are no cookies, and so no session.'
const noManager =
  'getSession() found no SessionModule for a WebSocket: import SessionModule.forRoot({ sessions }) in the root module of the application. Where several applications run and none took it, name the manager: getSession(client, sessions).'
