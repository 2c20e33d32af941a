import { sessionError, type SessionError, type SessionManager } from '@holdfast/core'
import type { FactoryProvider, ModuleMetadata } from '@nestjs/common'

/** Options of `SessionModule.forRoot`. */
export interface SessionModuleOptions {
  /** What `createSessions` has made, for this application alone: it is closed with it. */
  readonly sessions: SessionManager<any>
  /** Sets `request.session` before guards run, on Express and on Fastify: for those who migrate. Default false. */
  readonly eager?: boolean | undefined
}

/** Options of `SessionModule.forRootAsync`. */
export interface SessionModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  /** What `useFactory` is given, in its order; from `imports` and from global modules. */
  readonly inject?: FactoryProvider['inject'] | undefined
  /** Makes the manager, with `createSessions`. */
  readonly useFactory: (...dependencies: any[]) => SessionManager<any> | Promise<SessionManager<any>>
  /** Sets `request.session` before guards run, on Express and on Fastify: for those who migrate. Default false. */
  readonly eager?: boolean | undefined
}

export function checkModuleOptions(method: string, options: unknown, required: 'sessions' | 'useFactory'): void {
  if (typeof options !== 'object' || options === null)
    throw wrong(`SessionModule.${method}(options)`, options, `{ ${required} }, and eager if you like`)
  const { eager } = options as { readonly eager?: unknown }
  if (eager !== undefined && typeof eager !== 'boolean') throw wrong(`eager of SessionModule.${method}()`, eager, 'true or false')
}

/** Answers what it was given, where that is a manager. */
export function checkedManager(name: string, given: unknown): SessionManager<any> {
  if (typeof (given as { open?: unknown } | null | undefined)?.open !== 'function')
    throw wrong(name, given, 'what createSessions() has made')
  return given as SessionManager<any>
}

/** In the words in which core speaks of its options. */
export function wrong(name: string, given: unknown, takes: string): SessionError {
  const kind = given === undefined || given === null ? String(given) : `of type ${typeof given}`
  return sessionError('ERR_OPTION', `${name} is ${kind}; it takes ${takes}.`)
}
