import type { Clock } from '../../clock.ts'
import { isEnded, type SessionStore, type StoredRecord } from '../../record/store.ts'
import { isEndedVersion } from '../../record/version.ts'
import type { BoundedStore } from '../../waiting/bounded-store.ts'
import { publish } from '../../events.ts'
import type { Asked, Copies } from './copies.ts'
import type { Turns } from './turns.ts'
import type { Uncopied } from './uncopied.ts'
import { isFork, verdict } from './verdict.ts'

/** A local store, its backup, and what is known of both. */
export interface Pair {
  readonly local: SessionStore
  readonly backup: BoundedStore
  readonly copies: Copies
  readonly uncopied: Uncopied
  /** For whatever changes what is here of a session. */
  readonly turns: Turns
  /** For whatever changes it in the backup; taken before a turn. */
  readonly lanes: Turns
  readonly clock: Clock
  /** Whether every change is to be in the backup before its answer. */
  readonly writesThrough: boolean
  /** Something waits to be copied. */
  due(): void
}

/** What is here: the local store may have dropped what still has to be copied. */
export async function here({ local, uncopied, clock }: Pair, key: string): Promise<StoredRecord | null> {
  const waiting = uncopied.get(key)
  if (waiting?.record === undefined || waiting.expiresAt <= clock.now()) return (await local.get(key)) ?? null
  const { record, expiresAt } = waiting
  return { ...record, expiresAt, value: record.value.slice() }
}

/**
 * Settles what the backup has against what is here, in the turn of its key: answers what stands. `asked`: undefined where the answer does
 * not show that nothing newer is there.
 */
export async function settle(pair: Pair, key: string, theirs: StoredRecord | null, asked: Asked | undefined): Promise<StoredRecord | null> {
  const { local, copies, uncopied } = pair
  const copy = copies.of(key)
  const confirm = (): void => void (asked !== undefined && copies.confirm(key, asked))
  const isUncopied = uncopied.get(key)?.record !== undefined
  const ours = await here(pair, key)
  if (ours === null) {
    // What has expired here before it could be copied has replaced whatever is there.
    if (isUncopied) return null
    if (theirs === null) {
      if (uncopied.get(key) === undefined) copies.forget(key)
      return null
    }
    copy.backup = theirs.version
    await keep(pair, key, theirs, null)
    confirm()
    return theirs
  }
  const stands = verdict(theirs, ours, copy, isUncopied)
  if (stands === 'theirs' && theirs !== null) {
    if (isFork(theirs, ours, isUncopied)) publish('fork', () => ({ id: key, kept: theirs.version, lost: ours.version }))
    uncopied.remove(key)
    copy.backup = theirs.version
    copy.doubts = []
    await keep(pair, key, theirs, ours.version)
    confirm()
    return theirs
  }
  copy.backup = theirs?.version ?? null
  // An end of ours that nobody answered is not there.
  if (asked?.news === copy.news) copy.doubts = copy.doubts.filter((each) => !isEndedVersion(each))
  if (stands === 'ours' || theirs === null) {
    if (!isUncopied && !later(pair, key, ours)) return ours
    confirm()
    return ours
  }
  uncopied.copied(key, theirs.version, theirs.expiresAt)
  confirm()
  if (isEnded(ours) || theirs.expiresAt === ours.expiresAt) return ours
  if (theirs.expiresAt > ours.expiresAt) await local.touch(key, theirs.expiresAt)
  else if (uncopied.get(key) === undefined && uncopied.hasRoomFor(key)) {
    uncopied.addDeadline(key, ours.expiresAt)
    pair.due()
  }
  return { ...ours, expiresAt: Math.max(ours.expiresAt, theirs.expiresAt) }
}

/** Has it copied behind the answer. False where too much waits already. */
function later({ uncopied, due }: Pair, key: string, record: StoredRecord): boolean {
  if (!uncopied.hasRoomFor(key, record)) return false
  uncopied.add(key, record)
  due()
  return true
}

/** In its turn a key changes here only because the local store drops what has expired, or what it has no room for. */
const mostAttempts = 4

/** Makes this the local copy. One that the local store does not take is asked of the backup each time; an older one must not stay. */
export async function keep({ local, copies }: Pair, key: string, record: StoredRecord, over: string | null): Promise<void> {
  try {
    let expected = over
    for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
      const result = await local.put(key, record, { expected })
      if (result.stored) return
      expected = result.current?.version ?? null
    }
  } catch {
    // It is full, say, or was closed.
  }
  copies.unconfirm(copies.of(key))
  await local.delete(key)
}
