import { Buffer } from 'node:buffer'
import { isSessionError, sessionError } from '../errors.ts'
import type { Engine } from './engine.ts'

/** The data through the codec, within the limit. Throws `ERR_DATA`, `ERR_TOO_LARGE`. */
export function encodeData(engine: Engine<any>, data: unknown): Uint8Array {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    const kind = data === null ? 'null' : Array.isArray(data) ? 'an array' : typeof data
    throw sessionError('ERR_DATA', `The session's data is ${kind}; it has to be a plain object.`)
  }
  let bytes: Uint8Array
  try {
    bytes = engine.codec.encode(data)
  } catch (error) {
    // A codec's own error may quote the data.
    throw isSessionError(error) ? error : sessionError('ERR_DATA', "The codec could not encode the session's data.")
  }
  if (bytes.byteLength > engine.maxBytes) {
    throw sessionError(
      'ERR_TOO_LARGE',
      `The session's data takes ${bytes.byteLength} bytes; maxBytes is ${engine.maxBytes}. Keep what is large elsewhere, and its key in the session.`,
    )
  }
  return bytes
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
