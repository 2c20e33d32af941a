import { sessionError } from '../errors.ts'
import type { SessionManager } from './manager.ts'
import type { LoadOptions, OpenSession } from './open-session.ts'
import type { Session } from './session.ts'

/** A session of a request, and the manager that it is of. */
export interface OpenedBy {
  readonly sessions: SessionManager<any>
  readonly opened: OpenSession<any>
}

/** What was opened for one request: one session for each manager that it passed, the latest first. */
interface Opened extends OpenedBy {
  readonly earlier: Opened | undefined
}

// The ESM and the CJS copy of this package find each other's. A symbol stays out of the way of those who list keys.
const key: unique symbol = Symbol.for('holdfast.opened') as never

type Request = object & { [key]?: Opened | undefined }

/**
 * Remembers what a middleware opened, on the framework's own object for one request: for adapters of your own. The last one
 * placed is the one that `loadOpened` answers where no manager is named.
 *
 * @example
 * placeOpened(req, sessions, sessions.open(() => req.headers.cookie))
 */
export function placeOpened<Data extends object>(request: object, sessions: SessionManager<Data>, opened: OpenSession<Data>): void {
  const carrier: Request = request
  carrier[key] = { sessions, opened, earlier: carrier[key] }
}

/**
 * What was opened for this manager. A request has one session a manager: a middleware that finds one uses it, and leaves its
 * commit to whoever opened it.
 *
 * @example
 * const known = findOpened(req, sessions)
 */
export function findOpened<Data extends object>(request: object, sessions: SessionManager<Data>): OpenSession<Data> | undefined {
  return openedBy(request, sessions)?.opened
}

/** What was opened for this manager; without one, by the last middleware to run. */
export function openedBy(request: object, sessions: SessionManager<any> | undefined): OpenedBy | undefined {
  let found = (request as Request)[key]
  while (found !== undefined && sessions !== undefined && found.sessions !== sessions) found = found.earlier
  return found
}

/**
 * What an adapter's `getSession(request, sessions?, options?)` answers: the manager may be left out. `remedy` says to the
 * developer what to do where nothing was opened.
 *
 * @throws `ERR_NO_MIDDLEWARE` where nothing was placed; what `load` throws
 * @example
 * const getSession = (request, first, second) => loadOpened(request, first, second, 'register the plugin before this route')
 */
export function loadOpened(
  request: object,
  first: SessionManager<any> | LoadOptions | undefined,
  second: LoadOptions | undefined,
  remedy: string,
): Promise<Session<any>> {
  const sessions = first !== undefined && 'open' in first ? first : undefined
  const opened = openedBy(request, sessions)?.opened
  // The promise as it stands: one derived from it could be rejected before anybody awaits it, which ends the process.
  if (opened !== undefined) return opened.load(sessions === undefined ? (first as LoadOptions | undefined) : second)
  const which = sessions === undefined ? '' : ' of this manager'
  return Promise.reject(sessionError('ERR_NO_MIDDLEWARE', `getSession() found no session${which}: ${remedy}.`))
}
