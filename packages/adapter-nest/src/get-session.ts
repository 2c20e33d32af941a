import type { IncomingMessage } from 'node:http'
import { findOpened, loadOpened, sessionError, type LoadOptions, type Session, type SessionManager } from '@holdfast/core'
import { managerFor } from './running-modules.ts'
import { requestOf, type SessionSource } from './session-source.ts'

/**
 * The session of a request: for guards, interceptors, pipes, filters and middleware. The store is asked here, once, and not
 * before. The data's type comes from the manager given; else it is the declared `SessionData`. With several `SessionModule`s
 * and no manager given, the last to run counts.
 *
 * The request of a WebSocket's handshake is asked about anew at every call, with the cookie of the handshake, since a
 * socket outlives what it began with. No answer follows in which a change would be saved: call `await session.save()`.
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
 */
export function getSession<Data extends object>(
  source: SessionSource,
  sessions: SessionManager<Data>,
  options?: LoadOptions,
): Promise<Session<Data>>
export function getSession(source: SessionSource, options?: LoadOptions): Promise<Session>
export function getSession(source: SessionSource, first?: SessionManager<any> | LoadOptions, second?: LoadOptions): Promise<Session<any>> {
  const request = requestOf(source)
  if (request === undefined) return Promise.reject(sessionError('ERR_NO_MIDDLEWARE', noRequest))
  const named = first !== undefined && 'open' in first ? first : undefined
  if (!isHandshake(request)) return loadOpened(request, first, second, remedy)
  const sessions = named ?? managerFor(request)
  // A server that takes no upgrades hands such a request to its handlers.
  if (sessions === undefined || findOpened(request, sessions) !== undefined) return loadOpened(request, first, second, remedy)
  return sessions.open(request.headers.cookie).load(named === undefined ? (first as LoadOptions | undefined) : second)
}

function isHandshake({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}

const remedy = 'import SessionModule.forRoot({ sessions }) in the root module of the application'
const noRequest =
  'getSession() found no request. A gateway on ws keeps the request of its handshake: handleConnection(client, request) { client.request = request }. In a microservice there are no cookies, and so no session.'
