export { getSession } from './get-session.ts'
export { sessionMiddleware } from './session-middleware.ts'
export type { MiddlewareOptions } from './session-middleware.ts'
export type { EagerSessionContext, SessionContext } from './session-context.ts'
