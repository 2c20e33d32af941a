import { createHash } from 'node:crypto'

/** The key of the session with this number, the same in each run: where shares are judged, chance decides nothing. */
export function sameKey(index: number): string {
  return createHash('sha256').update(`session ${index}`).digest('base64url')
}

/** The first so many of them. */
export function sameKeys(count: number): string[] {
  return Array.from({ length: count }, (_, index) => sameKey(index))
}
