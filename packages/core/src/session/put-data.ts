import type { Envelope } from '../record/envelope.ts'
import { assertWithinLimit, decodeData } from './data-bytes.ts'
import type { Attempt, Draft, Regeneration } from './draft.ts'
import { durabilityOfChange, durabilityOfIdentity } from './durability.ts'
import type { Engine } from './engine.ts'
import { validated } from './schema.ts'
import { liveRecord, withStamp } from './session-record.ts'
import { settledPut } from './settled-put.ts'
import { takeBack } from './take-back.ts'
import { takeOver, type CommitRun } from './take-over.ts'

/** Stores the data under the token it has: the first record of a session, or the next. */
export async function putData<Data extends object>(engine: Engine<Data>, draft: Draft<Data>, run: CommitRun): Promise<void> {
  do {
    // An attempt that is left from a save() that failed is settled first: the same bytes, the same version.
    // Never under a token that the browser has: a sign-in that is asked for meanwhile moves the session, in its own commit.
    const regeneration = draft.record === null ? draft.regeneration : undefined
    const attempt = (draft.attempt ??= await newAttempt(engine, draft, draft.record?.version ?? null, regeneration, run.data))
    run.data = undefined
    const { id } = draft
    // Whoever has no session yet signs in by the first record of one.
    const durability = attempt.regeneration === undefined ? durabilityOfChange(engine, run) : durabilityOfIdentity(engine, run)
    const result = await settledPut(engine.store, id, attempt, run.until, durability)
    const isDiscarded = draft.attempt !== attempt
    draft.attempt = undefined
    if (isDiscarded && draft.record === null) return result.stored ? takeBack(engine, id, attempt.record, run) : undefined
    if (result.stored && !isDiscarded) draft.stored(attempt)
    // What was stored although it was discarded meanwhile is like another request's.
    else if (!(await takeOver(engine, draft, result.stored ? attempt.record : result.current, run))) return
  } while (draft.steps.length > 0)
}

/** The write that carries out all that is pending, and this `regenerate`, after the version `previous`. `data` as it stands. */
export async function newAttempt<Data extends object>(
  engine: Engine<Data>,
  draft: Draft<Data>,
  previous: string | null,
  regeneration: Regeneration | undefined,
  data = draft.settleSteps(),
): Promise<Attempt> {
  const steps = draft.steps.length
  assertWithinLimit(engine, data)
  const envelope = { ...draft.envelope, ...identity(engine, draft.envelope, regeneration), data }
  // What the next load will read: a handler may change the data itself meanwhile, and the codec may have changed it too.
  if (engine.schema !== undefined) await validated(engine.schema, decodeData(engine, data))
  const record = liveRecord(engine, previous, envelope)
  const written = { ...envelope, writes: withStamp(envelope.writes, record.version) }
  return { record, expected: previous, mayStand: false, steps, regeneration, envelope: written }
}

/** Whose the session is, since when, and for how long the browser keeps its cookie. */
function identity(
  engine: Engine<any>,
  envelope: Envelope,
  regeneration: Regeneration | undefined,
): Pick<Envelope, 'createdAt' | 'subject' | 'persistentUntil'> {
  if (regeneration === undefined) return envelope
  const now = engine.clock.now()
  const { subject, persistent, signIn } = regeneration
  return {
    // A mere change of token must not make a session live past its absolute timeout.
    createdAt: signIn ? now : envelope.createdAt,
    subject: subject ?? envelope.subject,
    persistentUntil: persistent !== undefined ? now + persistent : signIn ? undefined : envelope.persistentUntil,
  }
}
