/**
 * Sessions for NestJS 10, 11 and 12, on Express and on Fastify.
 *
 * @module @holdfast/adapter-nest
 */

export { CurrentSession } from './current-session.ts'
export type { SessionParameter } from './current-session.ts'
export { getSession } from './get-session.ts'
export { InjectSessions } from './inject-sessions.ts'
export type { SessionModuleAsyncOptions, SessionModuleOptions } from './module-options.ts'
export { SessionGuard } from './session-guard.ts'
export { SessionModule } from './session-module.ts'
export type { SessionSource } from './session-source.ts'
export type { Session, SessionManager } from '@holdfast/core'
