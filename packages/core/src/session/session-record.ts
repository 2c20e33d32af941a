import { encodeEnvelope, rememberedWrites, type Envelope } from '../record/envelope.ts'
import type { StoredRecord } from '../record/store.ts'
import { endedVersion, nextVersion, stampOf, type Successor } from '../record/version.ts'
import type { Engine } from './engine.ts'

/** A live record with the next version, which stands among its own `writes`. */
export function liveRecord(engine: Engine<any>, previous: string | null, envelope: Envelope): StoredRecord {
  const version = nextVersion(previous)
  return {
    version,
    expiresAt: engine.timeouts.deadline(engine.clock.now(), envelope.createdAt),
    value: encodeEnvelope({ ...envelope, writes: withStamp(envelope.writes, version) }),
  }
}

/** The record that ends a session. No copy of a live one can outlast it, also one that was renewed since we looked. */
export function endedRecord(
  engine: Engine<any>,
  previous: { readonly version: string; readonly expiresAt: number },
  successor?: Successor,
): StoredRecord {
  const now = engine.clock.now()
  return {
    version: endedVersion(previous.version, { endedAt: now, successor }),
    expiresAt: Math.max(previous.expiresAt, engine.timeouts.latest(now)),
    value: new Uint8Array(),
  }
}

export function withStamp(writes: readonly string[], version: string): readonly string[] {
  return [...writes.slice(1 - rememberedWrites), stampOf(version)]
}
