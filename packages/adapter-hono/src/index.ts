/**
 * Sessions for Hono 4.6 and later, on Node, Bun, Deno and Workers.
 *
 * @module @holdfast/adapter-hono
 */

export { getSession } from './get-session.ts'
export { sessionMiddleware } from './session-middleware.ts'
export type { MiddlewareOptions } from './session-middleware.ts'
export type { EagerSessionEnv, SessionEnv, SessionVariables } from './session-env.ts'
