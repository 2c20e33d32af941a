import type { IncomingMessage } from 'node:http'
import type { SessionManager } from '../session/manager.ts'
import type { OpenSession } from '../session/open-session.ts'

/** What was opened for a request: one session for each manager that it passed, the latest first. */
interface Opened {
  readonly sessions: SessionManager<any>
  readonly opened: OpenSession<any>
  readonly earlier: Opened | undefined
}

// The ESM and the CJS copy of this package find each other's.
const key: unique symbol = Symbol.for('holdfast.opened') as never

type Request = IncomingMessage & { [key]?: Opened | undefined }

export function placeOpened(req: IncomingMessage, sessions: SessionManager<any>, opened: OpenSession<any>): void {
  const request: Request = req
  request[key] = { sessions, opened, earlier: request[key] }
}

/** The open session of this manager; without one, that of the latest. */
export function findOpened(req: IncomingMessage, sessions: SessionManager<any> | undefined): OpenSession<any> | undefined {
  let found = (req as Request)[key]
  while (found !== undefined && sessions !== undefined && found.sessions !== sessions) found = found.earlier
  return found?.opened
}
