import { decodeEnvelope, type Envelope } from '../record/envelope.ts'
import { decodeData, encodeData } from './data-bytes.ts'
import type { Engine } from './engine.ts'
import { validated } from './schema.ts'

/**
 * What a live record's value says. With a schema the envelope's data too is as the schema gives it back: what the schema
 * adds, drops or puts in another order is nobody's change, and a request that only read must not write it over another's.
 *
 * @throws `ERR_RECORD`, `ERR_DATA`
 */
export async function readEnvelope<Data extends object>(
  engine: Engine<Data>,
  value: Uint8Array,
): Promise<{ readonly envelope: Envelope; readonly data: Data }> {
  const envelope = decodeEnvelope(value)
  const decoded = decodeData(engine, envelope.data)
  if (engine.schema === undefined) return { envelope, data: decoded }
  const data = await validated(engine.schema, decoded)
  return { envelope: { ...envelope, data: encodeData(engine, data) }, data }
}
