import { idOf } from '../cookie/token.ts'
import type { StoredRecord } from '../record/store.ts'
import { endingOf, isEndedVersion } from '../record/version.ts'
import type { Draft } from './draft.ts'
import type { Engine } from './engine.ts'
import { endedRecord } from './session-record.ts'
import { settledPut } from './settled-put.ts'
import { countConflict, type CommitRun } from './take-over.ts'

/**
 * `destroy`: an ended record over whatever is there. A delete would let a slow request put the session back. Where a
 * `regenerate` came first the session goes on under another token, and it is that one which is ended.
 */
export async function endSession<Data extends object>(engine: Engine<Data>, draft: Draft<Data>, run: CommitRun): Promise<void> {
  const { record, attempt, move } = draft
  // After a save() that failed it is not known which version is there.
  const known = attempt === undefined ? record : null
  await endFrom(engine, draft, record === null && attempt === undefined ? draft.leftToEnd : draft.id, known, run)
  if (move !== undefined) await endFrom(engine, draft, idOf(move.token), null, run)
  draft.ended = 'here'
}

/** Ends this session, and the one that took its place, if one did. */
async function endFrom(
  engine: Engine<any>,
  draft: Draft<any>,
  first: string | undefined,
  version: Known | null,
  run: CommitRun,
): Promise<void> {
  let id = first
  let known = version
  while (id !== undefined) {
    known ??= await engine.store.get(id, { fresh: true })
    const ending = known === null ? null : await endRecord(engine, draft, id, known, run)
    id = ending === null ? undefined : endingOf(ending.version).successor?.id
    known = null
  }
}

type Known = Pick<StoredRecord, 'version' | 'expiresAt'>

/** Answers the ended record that stands there now, whoever wrote it; null when there is nothing left to end. */
async function endRecord(engine: Engine<any>, draft: Draft<any>, id: string, known: Known, run: CommitRun): Promise<Known | null> {
  let found = known
  while (!isEndedVersion(found.version)) {
    const ending = endedRecord(engine, found)
    const result = await settledPut(engine.store, id, ending, found.version, run.until)
    if (result.stored) return ending
    if (result.current === null) return null
    found = result.current
    if (!isEndedVersion(found.version)) countConflict(draft, result.current, run)
  }
  return found
}
