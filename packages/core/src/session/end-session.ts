import { idOf } from '../cookie/token.ts'
import type { StoredRecord } from '../record/store.ts'
import { endingOf, isEndedVersion } from '../record/version.ts'
import type { Draft, EndingAttempt } from './draft.ts'
import { durabilityOfIdentity } from './durability.ts'
import type { Engine } from './engine.ts'
import { blank } from './load-draft.ts'
import { endedRecord } from './session-record.ts'
import { settledPut } from './settled-put.ts'
import { countConflict, foundEnded, type CommitRun } from './take-over.ts'

/**
 * `destroy`: an ended record over whatever is there. A delete would let a slow request put the session back. Where a
 * `regenerate` came first the session goes on under another token, and it is that one which is ended.
 *
 * `leave`: the same; and where it was this request that ended it, the draft goes on as another session.
 */
export async function endSession<Data extends object>(engine: Engine<Data>, draft: Draft<Data>, run: CommitRun): Promise<void> {
  const { record, attempt, move } = draft
  // After a save() that failed it is not known which version is there.
  const known = attempt === undefined ? record : null
  const wasOver = await endFrom(engine, draft, record === null && attempt === undefined ? draft.leftToEnd : draft.id, known, run)
  if (move !== undefined) await endFrom(engine, draft, idOf(move.token), null, run)
  if (draft.intent === 'destroy' || draft.anew !== 'wanted') draft.ended = 'here'
  else if (wasOver) foundEnded(draft, 'commit')
  else draft.startAnew(blank(engine, 'new').envelope)
}

/** Ends this session, and the one that took its place, if one did. Answers whether there were only ends of others'. */
async function endFrom(
  engine: Engine<any>,
  draft: Draft<any>,
  first: string | undefined,
  version: Known | null,
  run: CommitRun,
): Promise<boolean> {
  let id = first
  let known = version
  let wasOver = false
  while (id !== undefined) {
    known ??= leftOf(draft, id)?.over ?? (await engine.store.get(id, { fresh: true }))
    const ending: Ending | null = known === null ? null : await endRecord(engine, draft, id, known, run)
    wasOver = ending?.isOurs === false
    id = ending === null ? undefined : endingOf(ending.version).successor?.id
    known = null
  }
  return wasOver
}

type Known = Pick<StoredRecord, 'version' | 'expiresAt'>

interface Ending {
  readonly version: string
  readonly isOurs: boolean
}

/** Answers the ended record that stands there now, and whether we wrote it; null when there is nothing left to end. */
async function endRecord(engine: Engine<any>, draft: Draft<any>, id: string, known: Known, run: CommitRun): Promise<Ending | null> {
  let found = known
  while (!isEndedVersion(found.version)) {
    // An end that is left from a save() that failed is settled first: the same version.
    const ending = (draft.ending = leftOf(draft, id) ?? newEnding(engine, id, found))
    const result = await settledPut(engine.store, id, ending, run.until, durabilityOfIdentity(engine, run))
    draft.ending = undefined
    if (result.stored) return { version: ending.record.version, isOurs: true }
    if (result.current === null) return null
    found = result.current
    if (!isEndedVersion(found.version)) countConflict(draft, result.current, run)
  }
  return { version: found.version, isOurs: false }
}

/** Of one that was surely not applied nothing is left: a new one has the later deadline. */
function leftOf({ ending }: Draft<any>, id: string): EndingAttempt | undefined {
  return ending?.id === id && ending.mayStand ? ending : undefined
}

function newEnding(engine: Engine<any>, id: string, over: Known): EndingAttempt {
  return { id, over, record: endedRecord(engine, over), expected: over.version, mayStand: false }
}
