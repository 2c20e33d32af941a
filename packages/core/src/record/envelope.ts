import { Buffer } from 'node:buffer'
import { sessionError } from '../errors.ts'

/** What a live record's value holds: the data, and what the engine has to know beside it. */
export interface Envelope {
  /** Unix ms: when this session was signed in, or started. The absolute timeout counts from here. */
  readonly createdAt: number
  readonly subject: string | undefined
  /** Unix ms until which the browser keeps the cookie; undefined: until it closes. */
  readonly persistentUntil: number | undefined
  /** The stamps of the last writes, oldest first: how a writer finds out whether an unanswered write of its own was applied. */
  readonly writes: readonly string[]
  /** The codec's bytes. */
  readonly data: Uint8Array
}

/** How many writes a record remembers. Fewer than these can have come between a write and the question about it. */
export const rememberedWrites = 16

// 1s{"createdAt":1763836800000,"subject":"u1","writes":"k3Jd81Za"}\n{"cart":[]}
// The format, then s or a for "has a subject" or anonymous (a store may keep the first longer), a head in JSON, the data.
const formatByte = 0x31
const subjectByte = 0x73
const newline = 0x0a

export function encodeEnvelope(envelope: Envelope): Uint8Array {
  const { createdAt, subject, persistentUntil, writes, data } = envelope
  const head = Buffer.from(
    `1${subject === undefined ? 'a' : 's'}${JSON.stringify({ createdAt, subject, persistentUntil, writes: writes.join(' ') })}\n`,
  )
  return Buffer.concat([head, data], head.byteLength + data.byteLength)
}

/** Throws `ERR_RECORD` for what is no envelope, or one of a format that this release does not know. */
export function decodeEnvelope(value: Uint8Array): Envelope {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  const end = bytes.indexOf(newline)
  if (bytes[0] !== formatByte || end < 0)
    throw sessionError('ERR_RECORD', 'A session record is not of format 1: another program or release wrote it.')
  let head: { createdAt?: unknown; subject?: unknown; persistentUntil?: unknown; writes?: unknown } | null
  try {
    head = JSON.parse(bytes.toString('utf8', 2, end))
  } catch {
    throw sessionError('ERR_RECORD', 'A session record has a head that is no JSON: it was cut or changed.')
  }
  if (!Number.isFinite(head?.createdAt) || typeof head?.writes !== 'string') {
    throw sessionError('ERR_RECORD', 'A session record has no createdAt or no writes: it was cut or changed.')
  }
  return {
    createdAt: head.createdAt as number,
    subject: typeof head.subject === 'string' ? head.subject : undefined,
    persistentUntil: typeof head.persistentUntil === 'number' ? head.persistentUntil : undefined,
    writes: head.writes.split(' '),
    data: bytes.subarray(end + 1),
  }
}

/** Whether the session in this value belongs to somebody. What is not an envelope in the clear (encrypted, say) counts as such. */
export function hasSubject(value: Uint8Array): boolean {
  return value.byteLength > 0 && (value[0] !== formatByte || value[1] === subjectByte)
}
