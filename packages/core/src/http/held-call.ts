import type { ServerResponse } from 'node:http'
import { coded } from './node-error.ts'

/** A call of a handler that waits behind the gate. */
export interface HeldCall {
  readonly method: 'write' | 'end' | 'flushHeaders'
  readonly args: readonly unknown[]
}

/** Carries it out by the methods as they were before the gate. */
export function carryOut(res: ServerResponse, original: Pick<ServerResponse, HeldCall['method']>, { method, args }: HeldCall): unknown {
  return (original[method] as (...args: readonly unknown[]) => unknown).apply(res, args as unknown[])
}

/** Tells the callback of a call that is never carried out, as Node does once a response is destroyed. */
export function drop({ method, args }: HeldCall): false {
  const callback = args.find((arg) => typeof arg === 'function') as ((error: Error) => void) | undefined
  if (callback !== undefined)
    process.nextTick(callback, coded(Error, 'ERR_STREAM_DESTROYED', `Cannot call ${method} after a stream was destroyed`))
  return false
}

/** Throws what Node would, where the mistake is made and not when the call is carried out. */
export function checkChunk(chunk: unknown): void {
  if (typeof chunk === 'string' || chunk instanceof Uint8Array) return
  if (chunk === null) throw coded(TypeError, 'ERR_STREAM_NULL_VALUES', 'May not write null values to stream')
  throw coded(
    TypeError,
    'ERR_INVALID_ARG_TYPE',
    `The "chunk" argument must be a string, a Buffer or a Uint8Array. Received ${typeof chunk}`,
  )
}
