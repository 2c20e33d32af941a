/**
 * Sessions for `node:http`, for Express, and for whatever takes connect-style middleware; Passport on all of them.
 *
 * @module @holdfast/core/node
 */

export { attachSession } from './http/attach-session.ts'
export type { AttachOptions } from './http/attach-session.ts'
export { getSession } from './http/get-session.ts'
export type { PassportData } from './http/passport/passport-data.ts'
export { passportSession } from './http/passport/passport-session.ts'
export type { PassportSessionMiddleware, PassportSessionOptions } from './http/passport/passport-session.ts'
export { sessionMiddleware } from './http/session-middleware.ts'
export type { MiddlewareOptions } from './http/session-middleware.ts'
