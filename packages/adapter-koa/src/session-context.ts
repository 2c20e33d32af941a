import type { OpenSession, Session, SessionData } from '@holdfast/core'

declare const sessionMiddlewareRan: unique symbol

/**
 * The mark that `sessionMiddleware` leaves on the types of the middleware after it: it carries the data's type to `getSession`.
 * For routers that are mounted under it: `new Router<DefaultState, SessionContext<Data>>()`.
 */
export interface SessionContext<Data extends object = SessionData> {
  readonly [sessionMiddlewareRan]: OpenSession<Data>
}

/** The same under `sessionMiddleware(sessions, { eager: true })`: the session stands on `ctx.session`. */
export interface EagerSessionContext<Data extends object = SessionData> extends SessionContext<Data> {
  readonly session: Session<Data>
}
