import { keyRing } from './key-ring.ts'

/**
 * The second cookie: the version that this browser wrote last, bound to its session. It tells a store that answers from
 * copies how old an answer may be. Missing or wrong, it weakens freshness, never identity: with both in one cookie, a
 * slow answer of one tab undid the sign-in of another.
 */
export interface FreshnessCookie {
  write(version: string, id: string): string
  /** The newest version that one of these values claims, whoever wrote it. */
  claimed(values: readonly string[]): string | undefined
  /** The newest version that one of these values proves for this session. */
  read(values: readonly string[], id: string): string | undefined
}

const longestValue = 128

export function freshnessCookie(secrets: readonly string[], cookieName: string): FreshnessCookie {
  const keys = keyRing(secrets, `freshness ${cookieName}`)
  const signed = (version: string, id: string): string => `1.${version}.${id}`
  return {
    write: (version, id) => `1.${version}.${keys.sign(signed(version, id))}`,
    claimed: (values) => newest(values, () => true),
    read: (values, id) => newest(values, (version, signature) => keys.verify(signed(version, id), signature) >= 0),
  }
}

/** The newest version of the values that are of our form, and pass. */
function newest(values: readonly string[], passes: (version: string, signature: string) => boolean): string | undefined {
  let found: string | undefined
  for (const value of values) {
    const end = value.lastIndexOf('.')
    if (value.length > longestValue || !value.startsWith('1.') || end < 2) continue
    const version = value.slice(2, end)
    if ((found === undefined || version > found) && passes(version, value.slice(end + 1))) found = version
  }
  return found
}
