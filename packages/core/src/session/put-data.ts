import type { Attempt, Draft } from './draft.ts'
import type { Engine } from './engine.ts'
import { validated } from './schema.ts'
import { liveRecord, withStamp } from './session-record.ts'
import { settledPut } from './settled-put.ts'
import { takeOver, type CommitRun } from './take-over.ts'

/** Stores the data under the token it has: the first record of a session, or the next. */
export async function putData<Data extends object>(engine: Engine<Data>, draft: Draft<Data>, run: CommitRun): Promise<void> {
  do {
    // An attempt that is left from a save() that failed is settled first: the same bytes, the same version.
    const attempt = (draft.attempt ??= await newAttempt(engine, draft, draft.record?.version ?? null))
    const result = await settledPut(engine.store, draft.id, attempt.record, attempt.expected, run.until)
    draft.attempt = undefined
    if (result.stored) {
      draft.stored(attempt)
      draft.intent = draft.regeneration = undefined
    } else if (!takeOver(engine, draft, result.current, run)) return
  } while (draft.steps.length > 0)
}

/** The write that carries out all that is pending, after the version `previous`. */
export async function newAttempt<Data extends object>(engine: Engine<Data>, draft: Draft<Data>, previous: string | null): Promise<Attempt> {
  if (engine.schema !== undefined) await validated(engine.schema, draft.data)
  const data = draft.settleSteps()
  const envelope = { ...draft.envelope, ...identity(engine, draft), data }
  const record = liveRecord(engine, previous, envelope)
  return {
    record,
    expected: previous,
    steps: draft.steps.length,
    envelope: { ...envelope, writes: withStamp(envelope.writes, record.version) },
  }
}

/** Whose the session is, since when, and for how long the browser keeps its cookie: as a pending `regenerate` says. */
function identity<Data extends object>(
  engine: Engine<Data>,
  { envelope, regeneration }: Draft<Data>,
): Pick<Attempt['envelope'], 'createdAt' | 'subject' | 'persistentUntil'> {
  if (regeneration === undefined) return envelope
  const now = engine.clock.now()
  const { subject, persistent } = regeneration
  const signIn = subject !== undefined
  return {
    // A mere change of token must not make a session live past its absolute timeout.
    createdAt: signIn ? now : envelope.createdAt,
    subject: subject ?? envelope.subject,
    persistentUntil: persistent !== undefined ? now + persistent : signIn ? undefined : envelope.persistentUntil,
  }
}
