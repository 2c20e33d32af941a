import { decodeEnvelope } from '../../record/envelope.ts'
import { isEnded, type StoredRecord } from '../../record/store.ts'
import { counterOf, endingOf, stampOf } from '../../record/version.ts'
import type { Copy } from './copies.ts'

/**
 * Which of two records stands: what the backup has (`theirs`), or what is here (`ours`). Ours goes over what it was built on, over our own
 * writes of which nobody knew what had become of them, and over what a backup has that has lost its memory. Another node's change stands.
 */
export function verdict(
  theirs: StoredRecord | null,
  ours: StoredRecord,
  { backup, doubts }: Pick<Copy, 'backup' | 'doubts'>,
  isUncopied: boolean,
): 'same' | 'ours' | 'theirs' {
  if (theirs === null) return 'ours'
  if (theirs.version === ours.version) return 'same'
  // An end outranks whatever was live; of two, the higher one stands everywhere.
  if (isEnded(theirs) || isEnded(ours)) return theirs.version > ours.version ? 'theirs' : 'ours'
  if (isBuiltOn(theirs, ours)) return 'theirs'
  if (isBuiltOn(ours, theirs)) return 'ours'
  if (isUncopied) {
    if (theirs.version === backup || doubts.includes(theirs.version)) return 'ours'
    return counterOf(theirs.version) < counterOf(backup ?? null) ? 'ours' : 'theirs'
  }
  // The backup had ours, so what has fewer changes has lost some.
  return counterOf(theirs.version) < counterOf(ours.version) ? 'ours' : 'theirs'
}

/** Whether an acknowledged change of ours is lost when theirs takes its place. Where the session is over nothing is. */
export function isFork(theirs: StoredRecord, ours: StoredRecord, isUncopied: boolean): boolean {
  if (isEnded(ours)) return false
  // A change of token: the session goes on, without what was changed here meanwhile.
  if (isEnded(theirs)) return isUncopied && endingOf(theirs.version).successor !== undefined
  return !isBuiltOn(theirs, ours) && (isUncopied || counterOf(theirs.version) <= counterOf(ours.version))
}

/** As far as can be told: a record remembers its last writes, and may be encrypted. */
function isBuiltOn(one: StoredRecord, other: StoredRecord): boolean {
  try {
    return decodeEnvelope(one.value).writes.includes(stampOf(other.version))
  } catch {
    return false
  }
}
