import { Buffer } from 'node:buffer'
import { sessionError } from '../errors.ts'
import { asBuffer } from './as-buffer.ts'

/** Turns data to bytes and back. What `decode` gives must be equal to what `encode` was given. */
export interface Codec {
  /**
   * What it throws becomes `ERR_DATA`, without its message, which may quote the data.
   *
   * @param before what the data was read from: to be given back itself where that is the same, by codecs that can tell so faster
   * than they make bytes, since most requests change nothing. Others need not look at it
   */
  encode(data: unknown, before?: Uint8Array): Uint8Array
  /** What it throws makes the record unreadable: the session counts as `invalid`. */
  decode(bytes: Uint8Array): unknown
}

/**
 * The default: JSON, which holds data only. What it would not give back as it was is refused where that can be told:
 * cycles, bigints, nesting too deep for the stack, data that is no plain object (a Map or a promise would be stored as
 * `{}`), and keys named `__proto__`, which a careless merge would follow.
 */
export const jsonCodec: Codec = {
  encode(data, before) {
    if (!isPlainObject(data)) throw sessionError('ERR_DATA', `The session's data is not plain, and JSON would not give it back. ${remedy}`)
    let text: string | undefined
    try {
      text = JSON.stringify(data)
      if (text?.includes('__proto__')) JSON.parse(text, refuseProto)
    } catch (error) {
      throw sessionError('ERR_DATA', `The session's data is not JSON: ${reasonOf(error)}. ${remedy}`)
    }
    // Only a toJSON makes a plain object anything else.
    if (!text?.startsWith('{')) throw sessionError('ERR_DATA', `The session's data is not JSON: its toJSON gives no object. ${remedy}`)
    return before !== undefined && holds(before, text) ? before : Buffer.from(text)
  },
  decode(bytes) {
    const text = asBuffer(bytes).toString('utf8')
    // The second spelling is the same key written with an escape.
    return text.includes('__proto__') || text.includes('\\u00') ? JSON.parse(text, refuseProto) : JSON.parse(text)
  },
}

// Told without making bytes where every character is ASCII, and so one byte; as changed where one is not. Not read as latin1, in
// which the bytes of é are the text Ã©.
function holds(bytes: Uint8Array, text: string): boolean {
  return text.length === bytes.byteLength && asBuffer(bytes).toString('utf8') === text
}

const remedy = 'Store a plain object of plain data, or set the option codec.'
const protoReason = 'it has a key named __proto__'

// Objects of other realms too (tests that run in a `vm` context, say): their prototype is the end of its chain as well.
function isPlainObject(data: unknown): boolean {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return false
  const prototype: unknown = Object.getPrototypeOf(data)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new TypeError(protoReason)
  return value
}

// An engine's own message may quote the data (V8: `Unexpected token … in JSON "…"`), so only what is known to be safe is passed on.
function reasonOf(error: unknown): string {
  if (error instanceof RangeError) return 'it is nested too deeply'
  const message = error instanceof Error ? error.message : ''
  if (message.includes('circular')) return 'it holds itself (a cycle)'
  if (message.includes('BigInt')) return 'it holds a bigint'
  if (message === protoReason) return protoReason
  return 'a toJSON or a getter in it threw'
}
