import { sessionError } from '../errors.ts'
import { publish } from '../events.ts'
import { isEnded, type Durability, type StoredRecord } from '../record/store.ts'
import type { Draft } from './draft.ts'
import type { Engine } from './engine.ts'
import { reportLostChange } from './lost-change.ts'
import { readEnvelope } from './read-envelope.ts'
import { rebase } from './rebase.ts'

/** One run of a commit: when to give up (of `performance.now()`), and how often it met a newer record. */
export interface CommitRun {
  readonly until: number
  conflicts: number
  /** When it first met one, of `performance.now()`. */
  conflictsSince?: number
  /** What its writes ask for, where the caller of `save` said so. */
  readonly durability: Durability | undefined
  /** The data's bytes as they stood when the run began, for its first write. */
  data?: Uint8Array | undefined
}

/** Goes on from the record that stands where another was expected. False when that was ended: there is nothing to go on with. */
export async function takeOver<Data extends object>(
  engine: Engine<Data>,
  draft: Draft<Data>,
  current: StoredRecord | null,
  run: CommitRun,
): Promise<boolean> {
  if (current === null) {
    // No proof of an end, but none of a life either: writing it anew could bring a signed-out session back.
    publish('missing', () => ({ id: draft.id, at: 'commit' }))
    throw sessionError(
      'ERR_UNAVAILABLE',
      "The session's record is gone from the store (evicted, or lost with a node): the change was not saved.",
    )
  }
  if (isEnded(current)) {
    foundEnded(draft, 'commit')
    return false
  }
  reportLostChange(draft.id, draft.record?.version, current.version)
  countConflict(draft, current, run)
  const { envelope } = await readEnvelope(engine, current)
  rebase(engine, draft, envelope.data)
  draft.record = current
  draft.envelope = envelope
  return true
}

// However long the store was silent before: it is not now, and most conflicts are over at the second try. What many requests of one
// session had to wait with comes all at once when another server takes over.
const leastConflicts = 8
const leastConflictTime = 500

export function countConflict(draft: Draft<any>, found: StoredRecord | null, run: CommitRun): void {
  run.conflicts++
  publish('conflict', () => ({ id: draft.id, expected: draft.record?.version ?? null, found: found?.version ?? null }))
  const now = performance.now()
  run.conflictsSince ??= now
  if (run.conflicts < leastConflicts || now < run.until || now < run.conflictsSince + leastConflictTime) return
  throw sessionError(
    'ERR_CONFLICT',
    `Other requests changed this session ${run.conflicts} times while this one tried to save (requestTimeout): nothing was saved.`,
  )
}

export function foundEnded(draft: Draft<any>, at: 'load' | 'commit'): void {
  draft.ended = 'elsewhere'
  publish('ended', () => ({ id: draft.presentedId ?? draft.id, at }))
}
