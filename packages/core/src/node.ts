export { attachSession } from './http/attach-session.ts'
export { getSession, sessionMiddleware } from './http/session-middleware.ts'
export type { AttachOptions } from './http/attach-session.ts'
export type { MiddlewareOptions } from './http/session-middleware.ts'
