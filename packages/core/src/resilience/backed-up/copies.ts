import type { StoreChange } from '../../record/store.ts'
import { isEndedVersion } from '../../record/version.ts'

/** What is known of a session's local copy. */
export interface Copy {
  /** The version that the backup was last seen to have; null: none; undefined: it was not seen yet. */
  backup: string | null | undefined
  /** Until when the copy is answered with as it is, of `performance.now()`. */
  confirmedUntil: number
  /** Counts what was heard or done since: what the backup was asked before that proves nothing. */
  news: number
  /** Versions that were sent to the backup, and may be there. */
  doubts: string[]
}

/** When the backup was asked (of `performance.now()`), and what was known by then. */
export interface Asked {
  readonly copy: Copy
  readonly at: number
  readonly news: number
}

export function askedNow(copy: Copy): Asked {
  return { copy, at: performance.now(), news: copy.news }
}

/** What is known of local copies, those that were heard of last. */
export interface Copies {
  find(key: string): Copy | undefined
  /** The same; from now on there is one. */
  of(key: string): Copy
  /** The backup was seen to agree, unless there has been news since it was asked. */
  confirm(key: string, asked: Asked): void
  /** It has to be compared. */
  unconfirm(copy: Copy): void
  forget(key: string): void
  /** What the backup tells. */
  heard(change: StoreChange): void
}

/** More of one session than there can be. The oldest are ancestors of what the newest would have become. */
const mostDoubts = 16

/** `isNeeded`: of what still has to be copied, or is just being changed, nothing is forgotten. */
export function copies(maxEntries: number, revalidate: number, isNeeded: (key: string) => boolean): Copies {
  // In the order in which they were last confirmed, so that the first is one that is not used, or has to be compared anyway.
  const all = new Map<string, Copy>()

  function unconfirm(copy: Copy): void {
    copy.confirmedUntil = -Infinity
    copy.news += 1
  }

  function makeRoom(): void {
    let kept = 0
    while (all.size > maxEntries && kept < all.size) {
      const [first] = all
      const [key, copy] = first as [string, Copy]
      all.delete(key)
      if (!isNeeded(key)) continue
      all.set(key, copy)
      kept += 1
    }
  }

  return {
    find: (key) => all.get(key),
    of(key) {
      const found = all.get(key)
      if (found !== undefined) return found
      const copy: Copy = { backup: undefined, confirmedUntil: -Infinity, news: 0, doubts: [] }
      all.set(key, copy)
      makeRoom()
      return copy
    },
    confirm(key, { copy, at, news }) {
      // Forgotten meanwhile, and with it what may have been heard.
      if (copy.news !== news || all.get(key) !== copy) return
      copy.confirmedUntil = Math.max(copy.confirmedUntil, at + revalidate)
      all.delete(key)
      all.set(key, copy)
    },
    unconfirm,
    forget: (key) => void all.delete(key),
    heard(change) {
      if (change === 'lost') {
        for (const copy of all.values()) unconfirm(copy)
        return
      }
      const copy = all.get(change.key)
      if (copy === undefined) return
      const { backup, doubts } = copy
      const isOld = typeof backup === 'string' && change.version <= backup
      const isOurs = doubts.includes(change.version) && !isEndedVersion(change.version)
      if (!isOld && !isOurs) unconfirm(copy)
    },
  }
}

/** This version is about to be sent. Answers whether it was in doubt before. */
export function doubt({ doubts }: Copy, version: string): boolean {
  if (doubts.includes(version)) return true
  if (doubts.length === mostDoubts) doubts.shift()
  doubts.push(version)
  return false
}

/** Whether it may have been ended from here: what is here is then no answer before the backup has said so. */
export function mayHaveEnded({ doubts }: Copy): boolean {
  return doubts.some(isEndedVersion)
}

/** This version is surely not there as the newest. */
export function isNotThere(copy: Copy, version: string): void {
  copy.doubts = copy.doubts.filter((each) => each !== version)
}
