import { sessionError, type OpenSession, type SessionManager } from '@holdfast/core'
import type { Context } from 'hono'

/** What one middleware opened, and what those before it had: a request may pass several, each with a manager of its own. */
interface Opened {
  readonly sessions: SessionManager<any>
  readonly opened: OpenSession<any>
  readonly outer: Opened | undefined
}

const variable = 'holdfast:opened'

export function placeOpened(c: Context, sessions: SessionManager<any>, opened: OpenSession<any>): void {
  c.set(variable, { sessions, opened, outer: c.get(variable) } satisfies Opened)
}

/** The open session of this manager; without one, that of the innermost middleware. */
export function findOpened(c: Context, sessions: SessionManager<any> | undefined): OpenSession<any> {
  let found = c.get(variable) as Opened | undefined
  while (found !== undefined && sessions !== undefined && found.sessions !== sessions) found = found.outer
  if (found !== undefined) return found.opened
  throw sessionError(
    'ERR_NO_MIDDLEWARE',
    `getSession(c) found no session${sessions === undefined ? '' : ' of this manager'}: put app.use(sessionMiddleware(sessions)) before this route.`,
  )
}
