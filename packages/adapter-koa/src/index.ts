/**
 * Sessions for Koa 2.13 and later, and Koa 3.
 *
 * @module @holdfast/adapter-koa
 */

export { getSession } from './get-session.ts'
export { sessionMiddleware } from './session-middleware.ts'
export type { MiddlewareOptions } from './session-middleware.ts'
export type { EagerSessionContext, SessionContext } from './session-context.ts'
