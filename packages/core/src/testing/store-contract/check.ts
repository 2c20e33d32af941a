import type { PutResult, SessionStore, StoredRecord } from '../../record/store.ts'
import { nextVersion } from '../../record/version.ts'

/** The promise in words, then what was seen. */
export function check(isKept: boolean, promise: string, seen?: unknown): asserts isKept {
  if (isKept) return
  throw new Error(`The store breaks a promise of SessionStore: ${promise}${seen === undefined ? '' : ` Seen: ${shown(seen)}.`}`)
}

/** A live record after `previous`. Deadline: in an hour, unless given. */
export function liveRecord(text: string, previous: string | null = null, expiresAt: number = Date.now() + 3_600_000): StoredRecord {
  return { version: nextVersion(previous), expiresAt, value: new TextEncoder().encode(text) }
}

/** Puts a live record where none is, and says so when even this fails. */
export async function storeFirst(store: SessionStore, key: string, record: StoredRecord): Promise<StoredRecord> {
  const result = await store.put(key, record, { expected: null })
  check(result.stored, 'put with expected null stores a record where there is none.', result)
  return record
}

export function checkRecord(found: StoredRecord | null, wanted: StoredRecord, promise: string): void {
  check(found !== null && isSame(found, wanted), promise, found)
}

/** Not stored, and the answer carries what is there. */
export function checkRefused(result: PutResult, current: StoredRecord | null, promise: string): void {
  check(!result.stored, promise, result)
  check(
    current === null ? result.current === null : result.current !== null && isSame(result.current, current),
    'a put that is not stored answers with what is there as current, or null when there is none.',
    result.current,
  )
}

export async function checkRejects(call: () => Promise<unknown>, promise: string): Promise<unknown> {
  let answer: unknown
  try {
    answer = await call()
  } catch (error) {
    return error
  }
  return check(false, promise, answer ?? 'it resolved')
}

function isSame(a: StoredRecord, b: StoredRecord): boolean {
  return a.version === b.version && a.expiresAt === b.expiresAt && sameBytes(a.value, b.value)
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, index) => byte === b[index])
}

function shown(seen: unknown): string {
  return JSON.stringify(seen, (_, value: unknown) => (isBytes(value) ? `(${lengthOf(value)} bytes)` : value))
}

// By the time a replacer is asked, toJSON has made an object of a Buffer.
function isBytes(value: unknown): value is Uint8Array | { data: number[] } {
  return value instanceof Uint8Array || (typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'Buffer')
}

function lengthOf(value: Uint8Array | { data: number[] }): number {
  return value instanceof Uint8Array ? value.byteLength : value.data.length
}
