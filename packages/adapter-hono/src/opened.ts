import type { OpenSession, SessionManager, SetHeaders } from '@holdfast/core'
import type { Context } from 'hono'

/** What one middleware opened, and what those before it had: a request may pass several, each with a manager of its own. */
export interface Opened {
  readonly sessions: SessionManager<any>
  readonly opened: OpenSession<any>
  readonly outer: Opened | undefined
  /** What its commit put on the answer. */
  headers?: SetHeaders
}

// A symbol stays out of the way of those who list `c.var`; the ESM and the CJS copy of this package share it.
const variable = Symbol.for('holdfast.hono.opened')

export function innermostOpened(c: Context): Opened | undefined {
  return c.get(variable as never)
}

export function placeOpened(c: Context, opened: Opened): void {
  c.set(variable as never, opened)
}

/** What was opened for this manager; for none in particular, by the innermost middleware. */
export function findOpened(c: Context, sessions: SessionManager<any> | undefined): Opened | undefined {
  let found = innermostOpened(c)
  while (found !== undefined && sessions !== undefined && found.sessions !== sessions) found = found.outer
  return found
}
