export { getSession } from './get-session.ts'
export { sessionMiddleware } from './session-middleware.ts'
export type { MiddlewareOptions } from './session-middleware.ts'
export type { EagerSessionEnv, SessionEnv, SessionVariables } from './session-env.ts'
