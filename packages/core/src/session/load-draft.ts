import { isSessionError, type SessionError } from '../errors.ts'
import { publish } from '../events.ts'
import { isEnded, type StoredRecord } from '../record/store.ts'
import { endingOf } from '../record/version.ts'
import { decodeData, encodeData } from './data-bytes.ts'
import { Draft } from './draft.ts'
import type { Engine } from './engine.ts'
import { reportLostChange } from './lost-change.ts'
import type { LoadOptions } from './open-session.ts'
import { checkOnUnavailable, type OnUnavailable } from './options.ts'
import type { Presented } from './presented.ts'
import { readBefore, readEnvelope, type Read } from './read-envelope.ts'
import type { Outcome } from './session.ts'

// Requests that were under way when their session ended come in after it: for so long, what they change is not saved and
// sets no cookie, or the late answer of one tab would undo the sign-in of another. Later, a browser that still presents
// the ended session never heard of the end (it was ended by somebody else), and may start another one.
const graceAfterEnd = 60_000

/** The session as the store has it, or why there is none: at once where the store has it in this process. */
export function loadDraft<Data extends object>(
  engine: Engine<Data>,
  presented: Presented,
  options: LoadOptions | undefined,
): Draft<Data> | Promise<Draft<Data>> {
  const asked = options?.onUnavailable ?? engine.onUnavailable
  // Who asks for what is fresh takes no copy.
  const onUnavailable = asked === 'stale' && options?.fresh === true ? 'fail' : asked
  const startedAt = performance.now()
  const now = engine.clock.now()
  /** What was found, also where it then could not be read. */
  let record: StoredRecord | null = null
  const read = (id: string, found: StoredRecord | null): Draft<Data> | Promise<Draft<Data>> => {
    record = found
    return draftOf(engine, presented, id, record, now)
  }
  const report = (outcome: Outcome | 'failed', error?: Error): void =>
    publish('load', () => ({ id: presented.id, outcome, took: performance.now() - startedAt, error }))
  const loaded = (draft: Draft<Data>): Draft<Data> => {
    report(draft.outcome)
    return draft
  }
  const failed = async (error: unknown): Promise<Draft<Data>> => {
    const draft = await inPlaceOf(engine, presented, record, onUnavailable, error)
    if (draft !== undefined) return loaded(draft)
    report('failed', error as Error)
    throw error
  }
  try {
    checkOnUnavailable('load({ onUnavailable })', asked, engine.store.keepsCopies)
    const found = findDraft(engine, presented, options, now, read)
    return found instanceof Promise ? found.then(loaded, failed) : loaded(found)
  } catch (error) {
    return failed(error)
  }
}

function findDraft<Data extends object>(
  engine: Engine<Data>,
  presented: Presented,
  options: LoadOptions | undefined,
  now: number,
  read: (id: string, found: StoredRecord | null) => Draft<Data> | Promise<Draft<Data>>,
): Draft<Data> | Promise<Draft<Data>> {
  const { id, version } = presented
  if (id === undefined) return blank(engine, presented.sent ? 'invalid' : 'new', presented)
  if (presented.expiresAt <= now) return blank(engine, 'expired', presented)
  const mayBeCopy = options?.fresh !== true && options?.signal?.aborted !== true
  const local = mayBeCopy ? engine.store.getLocal(id, version.claimed) : undefined
  if (local !== undefined) return read(id, local)
  const proven = version.proven()
  return engine.store.get(id, { atLeast: proven, fresh: options?.fresh, signal: options?.signal }).then((found) => {
    if (found !== null) reportLostChange(id, proven, found.version)
    return read(id, found)
  })
}

function draftOf<Data extends object>(
  engine: Engine<Data>,
  presented: Presented,
  id: string,
  record: StoredRecord | null,
  now: number,
): Draft<Data> | Promise<Draft<Data>> {
  if (record === null) {
    publish('missing', () => ({ id, at: 'load' }))
    return blank(engine, 'missing', presented)
  }
  const known = readBefore(engine, record)
  if (known === undefined && isEnded(record)) {
    publish('ended', () => ({ id, at: 'load' }))
    const draft = blank(engine, 'ended', presented)
    const { endedAt, successor } = endingOf(record.version)
    if (endedAt + graceAfterEnd > now) {
      draft.mayStartAnew = false
      draft.leftToEnd = successor?.signIn === false ? successor.id : undefined
    }
    return draft
  }
  if (record.expiresAt <= now) return blank(engine, 'expired', presented)
  const read = known ?? readEnvelope(engine, record)
  return read instanceof Promise
    ? read.then((each) => live(engine, presented, record, each, now))
    : live(engine, presented, record, read, now)
}

function live<Data extends object>(
  engine: Engine<Data>,
  presented: Presented,
  record: StoredRecord,
  { envelope, data, pristine }: Read<Data>,
  now: number,
): Draft<Data> {
  if (engine.timeouts.absolute(envelope.createdAt) <= now) return blank(engine, 'expired', presented)
  const draft = new Draft(engine, 'live', envelope, data, presented)
  draft.record = record
  draft.pristine = pristine
  return draft
}

/** What a request goes on with after this error; undefined: nothing. */
function inPlaceOf<Data extends object>(
  engine: Engine<Data>,
  presented: Presented,
  record: StoredRecord | null,
  onUnavailable: OnUnavailable,
  error: unknown,
): Draft<Data> | undefined | Promise<Draft<Data> | undefined> {
  const { id } = presented
  if (!isSessionError(error) || id === undefined) return undefined
  if (error.code === 'ERR_RECORD') {
    // What cannot be read is nobody's session: fail closed.
    publish('bad-record', () => ({ id, error }))
    const draft = blank(engine, 'invalid', presented)
    // Another release may be able to, and a sign-out holds there too.
    if (record !== null) draft.leftToEnd = id
    return draft
  }
  if (error.status !== 503 || onUnavailable === 'fail') return undefined
  if (onUnavailable === 'stale') return staleCopy(engine, presented, id, error)
  const draft = blank(engine, 'unavailable', presented)
  draft.standsInFor = error
  return draft
}

/** What a copy tells, to be read and not to be changed; undefined: there is none. It obeys all deadlines, and what has ended stays so. */
async function staleCopy<Data extends object>(
  engine: Engine<Data>,
  presented: Presented,
  id: string,
  error: SessionError,
): Promise<Draft<Data> | undefined> {
  const record = await engine.store.getStale(id, presented.version.proven())
  const now = engine.clock.now()
  // Its deadline may have been moved since, which no copy knows.
  if (record === null || record.expiresAt <= now) return undefined
  try {
    const draft = await draftOf(engine, presented, id, record, now)
    return draft.outcome === 'live' ? Draft.standIn(engine, draft, presented, error) : draft
  } catch {
    // What cannot be read says nothing.
    return undefined
  }
}

/** A session that starts with the initial data, and has neither token nor record until something is stored. */
export function blank<Data extends object>(engine: Engine<Data>, outcome: Outcome, presented?: Presented): Draft<Data> {
  const data = encodeData(engine, engine.initial())
  const envelope = { createdAt: engine.clock.now(), subject: undefined, persistentUntil: undefined, writes: [], data }
  // Decoded, not as given: an `initial` that gives the same object each time must not hand one visitor's data to the next.
  return new Draft(engine, outcome, envelope, decodeData(engine, data), presented)
}
