import { isSessionError, sessionError } from '../errors.ts'
import { publish, type SessionEvents } from '../events.ts'
import type { Durability } from '../record/store.ts'
import { equalBytes } from './data-bytes.ts'
import type { Draft } from './draft.ts'
import { endSession } from './end-session.ts'
import type { Engine } from './engine.ts'
import { moveSession } from './move-session.ts'
import { putData } from './put-data.ts'
import { foundEnded, type CommitRun } from './take-over.ts'

type CommitAction = SessionEvents['commit']['action']

/** What a commit has to do. */
export interface Pending {
  readonly action: CommitAction
  /** The data's bytes as they stand now, where they were looked at. */
  readonly data: Uint8Array | undefined
}

/**
 * Carries out what is pending: at most one write, and one more to end an older record; with nothing pending the idle
 * renewal, when it is due. Afterwards `draft.ended` tells whether the session is over.
 *
 * @param until when to give up, of `performance.now()`
 * @param pending what it has to do, where that has just been found out, in this turn of the event loop
 * @param durability what its writes ask for, instead of what the manager says
 */
export async function commitDraft<Data extends object>(
  engine: Engine<Data>,
  draft: Draft<Data>,
  until: number,
  pending = pendingIn(engine, draft),
  durability?: Durability,
): Promise<void> {
  if (pending === undefined) return
  const { action, data } = pending
  if (draft.outcome === 'unavailable') {
    throw sessionError('ERR_UNAVAILABLE', 'This session stands in for one that the store could not give: it cannot be saved.')
  }
  const isLeftOver = draft.attempt !== undefined || draft.move !== undefined
  const endedId = action === 'destroy' ? draft.id : undefined
  const run: CommitRun = { until, conflicts: 0, durability, data }
  const startedAt = performance.now()
  // An error of the application's own, from an update that ran again, may quote the data.
  const report = (error?: unknown): void =>
    publish('commit', () => ({
      id: endedId ?? draft.id,
      action,
      took: performance.now() - startedAt,
      conflicts: run.conflicts,
      error: safeError(error),
    }))
  try {
    await actions[action](engine, draft, run)
    report()
  } catch (error) {
    report(error)
    throw error
  }
  // What was asked for after a save() that failed comes once that is settled.
  // What goes on where a session was left is saved with the answer, since more may follow, or at once where somebody signs in.
  const goesOn = endedId !== undefined && (draft.committed || draft.intent === 'regenerate')
  if (isLeftOver || goesOn) await commitDraft(engine, draft, until, undefined, durability)
}

function safeError(error: unknown): Error | undefined {
  return error === undefined || isSessionError(error) ? error : sessionError('ERR_DATA', 'The application threw while the commit ran.')
}

const actions: Readonly<
  Record<CommitAction, <Data extends object>(engine: Engine<Data>, draft: Draft<Data>, run: CommitRun) => Promise<void>>
> = {
  create: putData,
  change: putData,
  touch,
  regenerate: moveSession,
  destroy: endSession,
}

/** What a commit would do now; undefined: nothing. Throws `ERR_DATA`. */
export function pendingIn<Data extends object>(engine: Engine<Data>, draft: Draft<Data>): Pending | undefined {
  const { record, intent, ended, attempt } = draft
  if (ended !== undefined) return undefined
  if (intent === 'destroy' || draft.anew === 'wanted') return { action: 'destroy', data: undefined }
  if (attempt !== undefined) return { action: record === null ? 'create' : 'change', data: undefined }
  if (intent === 'regenerate') return { action: record === null ? 'create' : 'regenerate', data: undefined }
  const data = draft.settleSteps()
  if (!equalBytes(data, draft.envelope.data)) {
    if (draft.outcome !== 'ended' || draft.mayStartAnew || record !== null) return { action: record === null ? 'create' : 'change', data }
    foundEnded(draft, 'commit')
    return undefined
  }
  const renewalDue = record !== null && engine.timeouts.renewalDue(record.expiresAt, engine.clock.now(), draft.envelope.createdAt)
  return renewalDue ? { action: 'touch', data: undefined } : undefined
}

async function touch<Data extends object>(engine: Engine<Data>, draft: Draft<Data>): Promise<void> {
  const expiresAt = engine.timeouts.deadline(engine.clock.now(), draft.envelope.createdAt)
  try {
    if ((await engine.store.touch(draft.id, expiresAt)) && draft.record !== null) draft.record = { ...draft.record, expiresAt }
  } catch (error) {
    // Renewal is best effort: the session lives on until its present deadline, and the next request tries again.
    if (!isSessionError(error)) throw error
  }
}
