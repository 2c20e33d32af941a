import type { OpenSession, Session, SessionData } from '@holdfast/core'

declare const sessionMiddlewareRan: unique symbol

/** The mark that `sessionMiddleware` leaves on the types of the routes after it: it carries the data's type to `getSession`. */
export interface SessionVariables<Data extends object = SessionData> {
  readonly [sessionMiddlewareRan]: OpenSession<Data>
}

/** For routes that are mounted under `sessionMiddleware`: `new Hono<SessionEnv<Data>>()`. */
export type SessionEnv<Data extends object = SessionData> = { Variables: SessionVariables<Data> }

/** The same under `sessionMiddleware(sessions, { eager: true })`: the session stands on `c.var.session`. */
export type EagerSessionEnv<Data extends object = SessionData> = { Variables: SessionVariables<Data> & { readonly session: Session<Data> } }
