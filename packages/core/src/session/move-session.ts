import { idOf, randomToken } from '../cookie/token.ts'
import { sessionError } from '../errors.ts'
import { isEnded, type StoredRecord } from '../record/store.ts'
import { endingOf } from '../record/version.ts'
import type { Attempt, Draft } from './draft.ts'
import { durabilityOfIdentity } from './durability.ts'
import type { Engine } from './engine.ts'
import { newAttempt, putData } from './put-data.ts'
import { endedRecord } from './session-record.ts'
import { settledPut } from './settled-put.ts'
import { takeBack } from './take-back.ts'
import { takeOver, type CommitRun } from './take-over.ts'

/** `regenerate`: the new record first, then the end of the old one, so that a crash in between costs nobody the session. */
export async function moveSession<Data extends object>(engine: Engine<Data>, draft: Draft<Data>, run: CommitRun): Promise<void> {
  // A move that is left from a save() that failed goes on where it was.
  const move = (draft.move ??= { token: randomToken(), stored: null, attempt: undefined, ending: undefined })
  const newId = idOf(move.token)
  const durability = durabilityOfIdentity(engine, run)
  while (draft.record !== null) {
    const old = draft.record
    const attempt = (move.attempt ??= await newAttempt(engine, draft, move.stored?.version ?? null, draft.regeneration))
    const { stored } = await settledPut(engine.store, newId, attempt, run.until, durability)
    if (!stored) throw sessionError('ERR_UNAVAILABLE', "The regenerated session's record is gone from the store: the old one stays.")
    move.stored = attempt.record
    // A destroy() or leave() that has come in between ends the new one too; a discard() leaves nothing of it; another regenerate() is
    // carried out with this one.
    if (draft.intent === 'destroy' || draft.anew === 'wanted') return
    if (draft.intent === undefined) return takeBack(engine, newId, move.stored, run)
    if (attempt.regeneration !== draft.regeneration) {
      move.attempt = undefined
      continue
    }
    const successor = { id: newId, signIn: attempt.regeneration?.signIn === true }
    move.ending ??= { record: endedRecord(engine, old, successor), expected: old.version, mayStand: false }
    const result = await settledPut(engine.store, draft.id, move.ending, run.until, durability)
    if (result.stored || isSignInAfterAnother(attempt, result.current)) {
      draft.moveTo(move.token)
      draft.stored(attempt)
      draft.move = undefined
      if (draft.steps.length > 0) await putData(engine, draft, run)
      return
    }
    move.attempt = move.ending = undefined
    if (!(await takenOver(engine, draft, newId, move.stored, result.current, run))) return
  }
}

/** Of two sign-ins that race (a double click) both are stored: each has shown who it is, and the browser keeps the later answer's. */
function isSignInAfterAnother({ regeneration }: Attempt, current: StoredRecord | null): boolean {
  return regeneration?.signIn === true && current !== null && isEnded(current) && endingOf(current.version).successor !== undefined
}

/** Another request has changed the old record, or ended it; then, or on a conflict, the new one is taken back. */
async function takenOver<Data extends object>(
  engine: Engine<Data>,
  draft: Draft<Data>,
  newId: string,
  stored: StoredRecord,
  current: StoredRecord | null,
  run: CommitRun,
): Promise<boolean> {
  let goesOn = false
  try {
    return (goesOn = await takeOver(engine, draft, current, run))
  } finally {
    if (!goesOn) {
      draft.move = undefined
      await takeBack(engine, newId, stored, run)
    }
  }
}
