import type { SessionManager } from '../session/manager.ts'
import type { OpenSession } from '../session/open-session.ts'
import { findOpened } from '../session/opened-sessions.ts'

/** A session of a request, and the manager that it is of. */
export interface OpenedBy {
  readonly sessions: SessionManager<any>
  readonly opened: OpenSession<any>
}

// Where `placeOpened` keeps the latest one.
const key: unique symbol = Symbol.for('holdfast.opened') as never

/** What was opened for this manager, or by the last middleware to run. */
export function latestOpened(request: object, named: SessionManager<any> | undefined): OpenedBy | undefined {
  if (named === undefined) return (request as { [key]?: OpenedBy | undefined })[key]
  const opened = findOpened(request, named)
  return opened && { sessions: named, opened }
}
