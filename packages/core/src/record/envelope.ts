import { Buffer } from 'node:buffer'
import { sessionError } from '../errors.ts'
import { asBuffer } from './as-buffer.ts'

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

// 1s 1763836800000 - k3Jd81Za,Zb8-_1aa "u1"\n{"cart":[]}
// The format, then s or a for "has a subject" or anonymous (a store may keep the first longer), createdAt, persistentUntil or -,
// the writes, the subject as JSON if there is one, and after the line the data. Not a head in JSON, which takes three times as long to read.
const formatByte = 0x31
const subjectByte = 0x73
const newline = 0x0a

export function encodeEnvelope({ createdAt, subject, persistentUntil, writes, data }: Envelope): Uint8Array {
  const owner = subject === undefined ? '' : ` ${JSON.stringify(subject)}`
  const head = Buffer.from(`1${owner === '' ? 'a' : 's'} ${createdAt} ${persistentUntil ?? '-'} ${writes.join(',')}${owner}\n`)
  return Buffer.concat([head, data], head.byteLength + data.byteLength)
}

const headPattern = /^ (\d+(?:\.\d+)?) (-|\d+(?:\.\d+)?) ([^ ]+)(?: (".*"))?$/s

/** Throws `ERR_RECORD` for what is no envelope, or one of a format that this release does not know. */
export function decodeEnvelope(value: Uint8Array): Envelope {
  const bytes = asBuffer(value)
  const end = bytes.indexOf(newline)
  if (bytes[0] !== formatByte || end < 0)
    throw sessionError('ERR_RECORD', 'A session record is not of format 1: another program or release wrote it.')
  const [, createdAt, persistentUntil, writes, subject] = headPattern.exec(bytes.toString('utf8', 2, end)) ?? []
  if (createdAt === undefined || persistentUntil === undefined || writes === undefined || !Number.isFinite(Number(createdAt)))
    throw sessionError('ERR_RECORD', 'A session record has a head that says nothing: it was cut or changed.')
  return {
    createdAt: Number(createdAt),
    subject: subject === undefined ? undefined : decodeSubject(subject),
    persistentUntil: persistentUntil === '-' ? undefined : Number(persistentUntil),
    writes: writes.split(','),
    data: bytes.subarray(end + 1),
  }
}

function decodeSubject(text: string): string {
  try {
    return JSON.parse(text) as string
  } catch {
    throw sessionError('ERR_RECORD', 'A session record has a subject that is no JSON: it was cut or changed.')
  }
}

/** Whether the session in this value belongs to somebody. What is not an envelope in the clear (encrypted, say) counts as such. */
export function hasSubject(value: Uint8Array): boolean {
  return value.byteLength > 0 && (value[0] !== formatByte || value[1] === subjectByte)
}
