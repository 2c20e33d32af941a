import { decodeEnvelope, type Envelope } from '../record/envelope.ts'
import { decodeData, encodeData } from './data-bytes.ts'
import type { Engine } from './engine.ts'
import { validated, type StandardSchema } from './schema.ts'

export interface Read<Data extends object> {
  readonly envelope: Envelope
  readonly data: Data
}

/**
 * What a live record's value says, at once where there is no schema to ask. With a schema the envelope's data too is as the schema gives it back: what the schema
 * adds, drops or puts in another order is nobody's change, and a request that only read must not write it over another's.
 *
 * @throws `ERR_RECORD`, `ERR_DATA`
 */
export function readEnvelope<Data extends object>(engine: Engine<Data>, value: Uint8Array): Read<Data> | Promise<Read<Data>> {
  const envelope = decodeEnvelope(value)
  const data = decodeData(engine, envelope.data)
  return engine.schema === undefined ? { envelope, data } : readBySchema(engine, engine.schema, envelope, data)
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
