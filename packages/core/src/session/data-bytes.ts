import { Buffer } from 'node:buffer'
import { isSessionError, sessionError } from '../errors.ts'
import type { Engine } from './engine.ts'

/** The data through the codec; `before` itself where it is told to be the same. Throws `ERR_DATA`. */
export function encodeData(engine: Engine<any>, data: unknown, before?: Uint8Array): Uint8Array {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    const kind = data === null ? 'null' : Array.isArray(data) ? 'an array' : typeof data
    throw sessionError('ERR_DATA', `The session's data is ${kind}; it has to be a plain object.`)
  }
  try {
    return engine.codec.encode(data, before)
  } catch (error) {
    // A codec's own error may quote the data.
    throw isSessionError(error) ? error : sessionError('ERR_DATA', "The codec could not encode the session's data.")
  }
}

/** Throws `ERR_TOO_LARGE`. Only for what is to be written: reading what was stored under a higher limit is no error. */
export function assertWithinLimit(engine: Engine<any>, { byteLength }: Uint8Array): void {
  if (byteLength <= engine.maxBytes) return
  throw sessionError(
    'ERR_TOO_LARGE',
    `The session's data takes ${byteLength} bytes; maxBytes is ${engine.maxBytes}. Keep what is large elsewhere, and its key in the session.`,
  )
}

/** Throws `ERR_RECORD` for what the codec does not read as an object. */
export function decodeData<Data extends object>(engine: Engine<Data>, bytes: Uint8Array): Data {
  let data: unknown
  try {
    data = engine.codec.decode(bytes)
  } catch {
    data = undefined
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw sessionError('ERR_RECORD', 'The codec could not decode a stored session.')
  return data as Data
}

export function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one === other || (one.byteLength === other.byteLength && Buffer.compare(one, other) === 0)
}
