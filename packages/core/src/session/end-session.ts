import { isEnded } from '../record/store.ts'
import type { Draft } from './draft.ts'
import type { Engine } from './engine.ts'
import { endedRecord } from './session-record.ts'
import { settledPut } from './settled-put.ts'
import { countConflict, type CommitRun } from './take-over.ts'

/** `destroy`: an ended record over whatever is there. A delete would let a slow request put the session back. */
export async function endSession<Data extends object>(engine: Engine<Data>, draft: Draft<Data>, run: CommitRun): Promise<void> {
  while (draft.record !== null) {
    const { version, expiresAt } = draft.record
    const ending = (draft.ending ??= endedRecord(engine, version, expiresAt))
    const result = await settledPut(engine.store, draft.id, ending, version, run.until)
    // Gone is not as good as ended, but there is nothing left that a slow request could change.
    if (result.stored || result.current === null || isEnded(result.current)) break
    draft.ending = undefined
    countConflict(draft, result.current, run)
    draft.record = result.current
  }
  draft.ended = 'here'
}
