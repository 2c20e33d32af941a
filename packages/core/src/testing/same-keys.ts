import { createHash } from 'node:crypto'

/** So many keys of sessions, the same in each run: where shares are judged, chance decides nothing. */
export function sameKeys(count: number): string[] {
  return Array.from({ length: count }, (_, index) => createHash('sha256').update(`session ${index}`).digest('base64url'))
}
