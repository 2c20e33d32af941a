import { randomText } from '../random.ts'

// 0000000007.k3Jd81Za                   a live record: a counter that sorts as text, then the stamp of the write
// e0000000008.k3Jd81Zb.mws7rill          an ended one: 'e' sorts above every digit, so it outranks all that were live; when
// e0000000008.k3Jd81Zb.mws7rill.jG9iJ…     the same, replaced by regenerate: and by which session
// e0000000008.k3Jd81Zb.mws7rill.jG9iJ….in  the same, by a sign-in
const counterDigits = 10
const stampBytes = 6
const endedMark = 'e'
const signInMark = '.in'

/** The version after `previous` (null: the first), with a fresh random stamp. */
export function nextVersion(previous: string | null): string {
  return `${String(counterOf(previous) + 1).padStart(counterDigits, '0')}.${randomStamp()}`
}

/** What an ended record tells by its version alone, since it has no value. */
export interface Ending {
  /** Unix ms. Tells a request that was under way from a browser that never heard of the end. */
  readonly endedAt: number
  /** The session that took its place, if one did: a sign-out that races with the `regenerate` has to reach that one. */
  readonly successor?: Successor | undefined
}

export interface Successor {
  readonly id: string
  /** Whether it was a sign-in, so that whoever knew the token from before has no business with it. */
  readonly signIn: boolean
}

/** The version of the record that ends a session: above every live one, on every copy. */
export function endedVersion(previous: string | null, { endedAt, successor }: Ending): string {
  return `${endedMark}${nextVersion(previous)}.${endedAt.toString(36)}${successor === undefined ? '' : `.${successor.id}${successor.signIn ? signInMark : ''}`}`
}

/** Whether this is the version of an ended record. */
export function isEndedVersion(version: string): boolean {
  return version.startsWith(endedMark)
}

/** What the version of an ended record tells. */
export function endingOf(version: string): Ending {
  const [, , endedAt = '', id] = version.split('.')
  return { endedAt: Number.parseInt(endedAt, 36), successor: id === undefined ? undefined : { id, signIn: version.endsWith(signInMark) } }
}

/**
 * Whether two versions cannot be of one history, in which each counts one more and nothing follows an end: then a change was lost with the
 * server that had taken it, and another one made instead.
 */
export function areForked(one: string, other: string): boolean {
  if (one === other) return false
  const ahead = counterOf(one) - counterOf(other)
  if (isEndedVersion(one) === isEndedVersion(other)) return ahead === 0
  return isEndedVersion(one) ? ahead <= 0 : ahead >= 0
}

/** The part of a version that names its write. */
export function stampOf(version: string): string {
  return version.slice(version.indexOf('.') + 1)
}

/** How many writes came before this version. */
export function counterOf(version: string | null): number {
  return version === null ? 0 : Number.parseInt(isEndedVersion(version) ? version.slice(endedMark.length) : version, 10)
}

function randomStamp(): string {
  return randomText(stampBytes)
}
