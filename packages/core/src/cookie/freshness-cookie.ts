import { keyRing } from './key-ring.ts'

/**
 * The second cookie: the version that this browser wrote last, bound to its session. It tells a store that answers from
 * copies how old an answer may be. Missing or wrong, it weakens freshness, never identity: with both in one cookie, a
 * slow answer of one tab undid the sign-in of another.
 */
export interface FreshnessCookie {
  write(version: string, id: string): string
  /** The newest version that one of these values proves for this session. */
  read(values: readonly string[], id: string): string | undefined
}

const longestValue = 128

export function freshnessCookie(secrets: readonly string[], cookieName: string): FreshnessCookie {
  const keys = keyRing(secrets, `freshness ${cookieName}`)
  const signed = (version: string, id: string): string => `1.${version}.${id}`
  return {
    write: (version, id) => `1.${version}.${keys.sign(signed(version, id))}`,
    read(values, id) {
      let newest: string | undefined
      for (const value of values) {
        const end = value.lastIndexOf('.')
        if (value.length > longestValue || !value.startsWith('1.') || end < 2) continue
        const version = value.slice(2, end)
        if (keys.verify(signed(version, id), value.slice(end + 1)) >= 0 && (newest === undefined || version > newest)) newest = version
      }
      return newest
    },
  }
}
