import { isSessionError } from '../errors.ts'
import type { StoredRecord } from '../record/store.ts'
import type { Engine } from './engine.ts'
import { endedRecord } from './session-record.ts'
import { settledPut } from './settled-put.ts'
import type { CommitRun } from './take-over.ts'

/** Ends a record that was stored under a token which nobody was given. Best effort, since it opens nothing. */
export async function takeBack(engine: Engine<any>, id: string, stored: StoredRecord, run: CommitRun): Promise<void> {
  try {
    const write = { record: endedRecord(engine, stored), expected: stored.version, mayStand: false }
    await settledPut(engine.store, id, write, run.until)
  } catch (error) {
    if (!isSessionError(error)) throw error
  }
}
