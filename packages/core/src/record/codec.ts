import { Buffer } from 'node:buffer'
import { sessionError } from '../errors.ts'

/** Turns data to bytes and back. What `decode` gives must be equal to what `encode` was given. */
export interface Codec {
  encode(data: unknown): Uint8Array
  decode(bytes: Uint8Array): unknown
}

/**
 * The default: JSON, which holds data only. What it would not give back as it was is refused where that can be told:
 * cycles, bigints, nesting too deep for the stack, and keys named `__proto__`, which a careless merge would follow.
 */
export const jsonCodec: Codec = {
  encode(data) {
    let text: string | undefined
    try {
      text = JSON.stringify(data)
      if (text?.includes('__proto__')) JSON.parse(text, refuseProto)
    } catch (error) {
      throw sessionError('ERR_DATA', `The session's data is not JSON: ${reasonOf(error)}. Store plain data, or set the option codec.`)
    }
    if (text === undefined)
      throw sessionError('ERR_DATA', "The session's data is not JSON: a function, a symbol or undefined. Store a plain object.")
    return Buffer.from(text)
  },
  decode(bytes) {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
    // The second spelling is the same key written with an escape.
    return text.includes('__proto__') || text.includes('\\u00') ? JSON.parse(text, refuseProto) : JSON.parse(text)
  },
}

function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new TypeError('it has a key named __proto__')
  return value
}

// An engine's own message may quote the data (V8: `Unexpected token … in JSON "…"`), so only what is known to be safe is passed on.
function reasonOf(error: unknown): string {
  if (error instanceof RangeError) return 'it is nested too deeply'
  const message = error instanceof Error ? error.message : ''
  if (message.includes('circular')) return 'it holds itself (a cycle)'
  if (message.includes('BigInt')) return 'it holds a bigint'
  if (message.includes('__proto__')) return message
  return 'a toJSON or a getter in it threw'
}
