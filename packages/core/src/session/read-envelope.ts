import { decodeEnvelope, type Envelope } from '../record/envelope.ts'
import type { StoredRecord } from '../record/store.ts'
import { decodeData, encodeData } from './data-bytes.ts'
import type { Engine } from './engine.ts'
import { copyOf } from './plain-data.ts'
import { validated, type StandardSchema } from './schema.ts'

export interface Read<Data extends object> {
  readonly envelope: Envelope
  readonly data: Data
  /** The data once more, never changed, where it is kept beside the value that it was read from. */
  readonly pristine?: Data | undefined
}

/** What was read from values that a store keeps in this process, by their `origin`: as long as it keeps them, and no longer. */
export type KnownValues<Data extends object> = WeakMap<object, { readonly envelope: Envelope; readonly pristine: Data }>

/**
 * What a live record's value says, at once where there is no schema to ask. With a schema the envelope's data too is as the schema gives it back: what the schema
 * adds, drops or puts in another order is nobody's change, and a request that only read must not write it over another's.
 *
 * @throws `ERR_RECORD`, `ERR_DATA`
 */
export function readEnvelope<Data extends object>(engine: Engine<Data>, { value, origin }: StoredRecord): Read<Data> | Promise<Read<Data>> {
  const envelope = decodeEnvelope(value)
  const data = decodeData(engine, envelope.data)
  if (engine.schema !== undefined) return readBySchema(engine, engine.schema, envelope, data)
  return origin === undefined || engine.known === undefined ? { envelope, data } : keptBeside(engine.known, origin, envelope, data)
}

/** The same for a value that was read before, and is kept in this process; undefined: it was not. */
export function readBefore<Data extends object>(engine: Engine<Data>, { origin }: StoredRecord): Read<Data> | undefined {
  const known = origin === undefined ? undefined : engine.known?.get(origin)
  return known && { envelope: known.envelope, pristine: known.pristine, data: copyOf(known.pristine) }
}

function keptBeside<Data extends object>(known: KnownValues<Data>, origin: object, envelope: Envelope, pristine: Data): Read<Data> {
  try {
    const read = { envelope, pristine, data: copyOf(pristine) }
    known.set(origin, { envelope, pristine })
    return read
  } catch {
    // Nested deeper than the stack is: only a parser gets there.
    return { envelope, data: pristine }
  }
}

async function readBySchema<Data extends object>(
  engine: Engine<Data>,
  schema: StandardSchema<unknown, Data>,
  envelope: Envelope,
  decoded: Data,
): Promise<Read<Data>> {
  const data = await validated(schema, decoded)
  return { envelope: { ...envelope, data: encodeData(engine, data) }, data }
}
