import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import { sessionError } from '../errors.ts'
import { asBuffer } from './as-buffer.ts'
import type { StoredRecord } from './store.ts'

/**
 * The layout, for backends that keep bytes only:
 *
 *     1 001763836800000 9f3a01c2 0000000007.k3Jd81Za\n<value>
 *
 * format, deadline (15 digits of Unix milliseconds), CRC-32 of all that follows it, version, value. The deadline stands
 * at a fixed place outside the checksum: a script on the server can move it without reading the value.
 */
export const packed = { deadlineOffset: 2, deadlineDigits: 15, checksumOffset: 18, versionOffset: 27, longestHead: 128 } as const

const newline = 0x0a
const headPattern = /^1 (\d{15}) ([0-9a-f]{8}) ([0-9A-Za-z_.-]{1,100})$/
const versionPattern = /^[0-9A-Za-z_.-]{1,100}$/
const latestDeadline = 10 ** packed.deadlineDigits - 1

/** The deadline as it is packed: 15 digits. */
export function packDeadline(expiresAt: number): string {
  return String(Math.trunc(expiresAt)).padStart(packed.deadlineDigits, '0')
}

/**
 * One record as bytes, with a checksum, for stores of your own whose backend keeps bytes only.
 *
 * @throws `ERR_RECORD` for what would not come back: a deadline that is no Unix time in milliseconds, or a version of
 * other characters than a version has
 * @example
 * await table.insert({ key, bytes: packRecord(record) })
 */
export function packRecord(record: StoredRecord): Uint8Array {
  const { version, expiresAt, value } = record
  if (!versionPattern.test(version) || !(expiresAt >= 0 && expiresAt <= latestDeadline))
    throw sessionError('ERR_RECORD', 'A session record has a version or a deadline that cannot be packed.')
  const bytes = Buffer.allocUnsafe(packed.versionOffset + version.length + 1 + value.byteLength)
  bytes.write(`1 ${packDeadline(expiresAt)} 00000000 ${version}\n`, 'latin1')
  bytes.set(value, packed.versionOffset + version.length + 1)
  bytes.write(crc32(bytes.subarray(packed.versionOffset)).toString(16).padStart(8, '0'), packed.checksumOffset, 'latin1')
  return bytes
}

/**
 * The record in these bytes, which `packRecord` made.
 *
 * @throws `ERR_RECORD` for what does not verify: an error, not a session
 * @example
 * const row = await table.find(key)
 * return row === undefined ? null : unpackRecord(row.bytes)
 */
export function unpackRecord(bytes: Uint8Array): StoredRecord {
  const buffer = asBuffer(bytes)
  const end = buffer.subarray(0, packed.longestHead).indexOf(newline)
  const head = headPattern.exec(buffer.toString('latin1', 0, Math.max(end, 0)))
  if (head === null) throw sessionError('ERR_RECORD', 'This is no packed session record: its head is not of format 1.')
  const [, deadline, checksum, version] = head as unknown as [string, string, string, string]
  if (crc32(buffer.subarray(packed.versionOffset)) !== Number.parseInt(checksum, 16)) {
    throw sessionError('ERR_RECORD', 'A packed session record does not match its checksum: it was cut or changed.')
  }
  return { version, expiresAt: Number(deadline), value: buffer.subarray(end + 1) }
}
