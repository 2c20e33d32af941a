import type { LoadOptions, Session, SessionData, SessionManager } from '@holdfast/core'
import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { getSession } from './get-session.ts'

/** What a parameter under `@CurrentSession()` is: the request's session. */
export type CurrentSession<Data extends object = SessionData> = Session<Data>

/**
 * Gives a handler the session of its request: of a controller, a resolver or a gateway.
 *
 * `@CurrentSession(sessions)` has the compiler check the type of the parameter against the manager's data, and
 * `@CurrentSession()` against the declared `SessionData`. Where none is declared there is nothing to check it against:
 * `@CurrentSession()` then takes any session's type at its word, also a wrong one.
 *
 * @throws what `getSession` throws, before the handler runs
 * @example
 * @Post('cart/:sku')
 * add(@CurrentSession(sessions) session: CurrentSession<Data>, @Param('sku') sku: string) {
 *   session.update((data) => { data.cart.push(sku) })
 *   return session.data.cart
 * }
 */
export function CurrentSession<Data extends object>(sessions: SessionManager<Data>, options?: LoadOptions): SessionParameter<Data>
export function CurrentSession(options?: LoadOptions): SessionParameter<DeclaredData>
export function CurrentSession(first?: SessionManager<any> | LoadOptions, second?: LoadOptions): SessionParameter<any> {
  return ofRequest([first, second]) as SessionParameter<any>
}

const ofRequest = createParamDecorator(
  ([first, second]: [SessionManager<any> | LoadOptions | undefined, LoadOptions | undefined], context: ExecutionContext) =>
    getSession(context, first as SessionManager<any>, second),
)

/** What the compiler checks without a manager: the declared `SessionData`. Where none is declared, any session fits. */
export type DeclaredData = keyof SessionData extends never ? any : SessionData

/** A decorator for parameters that can hold a session with this data; elsewhere the compiler says what is wrong. */
export type SessionParameter<Data extends object> = <Target extends object, Method extends PropertyKey, Index extends number>(
  target: Target,
  method: Method,
  index: Fits<Data, ParameterAt<Target, Method, Index>> extends true
    ? Index
    : { error: 'the parameter under @CurrentSession() is not a session with this data'; data: Data },
) => void

type ParameterAt<Target, Method extends PropertyKey, Index extends number> = Method extends keyof Target
  ? Target[Method] extends (...parameters: infer All) => unknown
    ? All[Index]
    : any
  : any

type Fits<Data extends object, Parameter> = 0 extends 1 & Parameter
  ? true
  : 0 extends 1 & Data
    ? [Parameter] extends [Session<any>]
      ? true
      : false
    : [Session<Data>] extends [Parameter]
      ? true
      : false
