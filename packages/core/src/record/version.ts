import { randomBytes } from 'node:crypto'

// 0000000007.k3Jd81Za   a live record: a counter that sorts as text, then the stamp of the write
// e0000000008.k3Jd81Zb  an ended one: 'e' sorts above every digit, so it outranks all that were live
const counterDigits = 10
const stampBytes = 6
const endedMark = 'e'

/** The version after `previous` (null: the first), with a fresh random stamp. */
export function nextVersion(previous: string | null): string {
  return `${String(counterOf(previous) + 1).padStart(counterDigits, '0')}.${randomStamp()}`
}

/**
 * The version of the record that ends a session: above every live one, on every copy. It says when, so that a request
 * which was under way can be told from a browser that never heard of the end.
 */
export function endedVersion(previous: string | null, endedAt: number): string {
  return `${endedMark}${nextVersion(previous)}.${endedAt.toString(36)}`
}

/** When an ended record was written, by its version; NaN for a live one. */
export function endedAtOf(version: string): number {
  return version.startsWith(endedMark) ? Number.parseInt(version.slice(version.lastIndexOf('.') + 1), 36) : Number.NaN
}

/** The part of a version that names its write. */
export function stampOf(version: string): string {
  return version.slice(version.indexOf('.') + 1)
}

/** How many writes came before this version. */
export function counterOf(version: string | null): number {
  return version === null ? 0 : Number.parseInt(version.startsWith(endedMark) ? version.slice(1) : version, 10)
}

function randomStamp(): string {
  return randomBytes(stampBytes).toString('base64url')
}
