import { areForked, isEndedVersion } from '../../record/version.ts'

/** The least version that an answer for a key may have: one that was heard to be there. */
export interface Floor {
  readonly version: string
  /** When it was heard of, in the order of all that was. */
  readonly learntAs: number
}

/** News of changes, kept for as long as an older answer may still come in. */
export interface Floors {
  /** The one that this version is below, or of another history than; undefined: there is no record. */
  above(key: string, version: string | undefined): Floor | undefined
  /** There is a record of this version, or may be. */
  raise(key: string, version: string, learntAs: number): void
  /** The authority has answered with less since. */
  remove(key: string): void
  /** There may have been more than was heard, up to now. */
  doubt(learntAs: number): void
  /** Whether there may have been something later than that which is not known, or forgotten by now. */
  mayHaveMissed(since: number): boolean
}

/** Milliseconds: longer than any call takes. */
const leastAge = 5_000

/** `maxAge` of the copies, in milliseconds: a replica may be behind for as long. */
export function floors(maxEntries: number, maxAge: number): Floors {
  const keepFor = Math.max(maxAge, leastAge)
  const all = new Map<string, Floor & { readonly at: number }>()
  let missedUpTo = 0

  function forget(key: string, { learntAs }: Floor): void {
    all.delete(key)
    missedUpTo = Math.max(missedUpTo, learntAs)
  }

  return {
    above(key, version) {
      const floor = all.get(key)
      return floor === undefined || (version !== undefined && version >= floor.version && !areForked(version, floor.version))
        ? undefined
        : floor
    },
    raise(key, version, learntAs) {
      const before = all.get(key)
      const now = performance.now()
      // At the end of the map, so that the first is always the oldest.
      all.delete(key)
      all.set(key, { version: before === undefined ? version : higher(before.version, version), learntAs, at: now })
      for (const [oldest, floor] of all) {
        if (all.size <= maxEntries && floor.at > now - keepFor) break
        forget(oldest, floor)
      }
    },
    remove: (key) => void all.delete(key),
    doubt: (learntAs) => void (missedUpTo = learntAs),
    mayHaveMissed: (since) => missedUpTo > since,
  }
}

/** The higher of two versions; of two histories the one that was heard of later, but for an end. */
function higher(before: string, version: string): string {
  return before > version && (isEndedVersion(before) || !areForked(before, version)) ? before : version
}
