import { cookieValues } from '../cookie/cookie-header.ts'
import type { PresentedToken } from '../cookie/session-cookie.ts'
import { idOf } from '../cookie/token.ts'
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
import { readEnvelope, type Read } from './read-envelope.ts'
import type { Outcome } from './session.ts'

/** What the browser presented: the token that verified, if one did. */
export interface Presented {
  readonly token: string | undefined
  readonly id: string | undefined
  readonly expiresAt: number
  /** Signed with an older secret. */
  readonly outdated: boolean
  /** There was a cookie of our name, good or not. */
  readonly sent: boolean
  /** The version that the freshness cookie proves. */
  readonly version: string | undefined
  /** The routing cookie names this node. */
  readonly bound: boolean
}

/**
 * Verifies our cookies. Of several that verify the first counts whose deadline has not passed: browsers send the most
 * specific path first (RFC 6265bis, 5.8.3).
 */
export function presentedCookies(engine: Engine<any>, header: string | null | undefined): Presented {
  const { token, tokenLine, freshness, freshnessLine } = engine.cookie
  const bound = engine.routing?.isPresented(header) === true
  const values = cookieValues(header, tokenLine.name)
  const now = engine.clock.now()
  let first: PresentedToken | undefined
  let count = 0
  for (const value of values) {
    const read = token.read(value)
    if (read === null) continue
    count++
    if (first === undefined || (first.expiresAt <= now && read.expiresAt > now)) first = read
  }
  if (first === undefined)
    return { token: undefined, id: undefined, expiresAt: 0, outdated: false, sent: values.length > 0, version: undefined, bound }
  const id = idOf(first.token)
  if (count > 1) publish('duplicate-cookie', () => ({ id, count }))
  const version = engine.answersFromCopies ? freshness.read(cookieValues(header, freshnessLine.name), id) : undefined
  return { token: first.token, id, expiresAt: first.expiresAt, outdated: first.outdated, sent: true, version, bound }
}

// Requests that were under way when their session ended come in after it: for so long, what they change is not saved and
// sets no cookie, or the late answer of one tab would undo the sign-in of another. Later, a browser that still presents
// the ended session never heard of the end (it was ended by somebody else), and may start another one.
const graceAfterEnd = 60_000

/** The session as the store has it, or why there is none. */
export async function loadDraft<Data extends object>(
  engine: Engine<Data>,
  presented: Presented,
  options: LoadOptions | undefined,
): Promise<Draft<Data>> {
  const onUnavailable = options?.onUnavailable ?? engine.onUnavailable
  checkOnUnavailable('load({ onUnavailable })', onUnavailable, engine.store.keepsCopies)
  // Who asks for what is fresh takes no copy.
  const instead = onUnavailable === 'stale' && options?.fresh === true ? 'fail' : onUnavailable
  const startedAt = performance.now()
  const report = (outcome: Outcome | 'failed', error?: Error): void =>
    publish('load', () => ({ id: presented.id, outcome, took: performance.now() - startedAt, error }))
  const { id } = presented
  const now = engine.clock.now()
  let record: StoredRecord | null = null
  let draft: Draft<Data> | undefined
  try {
    if (id === undefined) draft = blank(engine, presented.sent ? 'invalid' : 'new', presented)
    else if (presented.expiresAt <= now) draft = blank(engine, 'expired', presented)
    else {
      record = await engine.store.get(id, { atLeast: presented.version, fresh: options?.fresh, signal: options?.signal })
      if (record !== null) reportLostChange(id, presented.version, record.version)
      const found = draftOf(engine, presented, id, record, now)
      draft = found instanceof Draft ? found : await found
    }
  } catch (error) {
    draft = await inPlaceOf(engine, presented, record, instead, error)
    if (draft === undefined) {
      report('failed', error as Error)
      throw error
    }
  }
  report(draft.outcome)
  return draft
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
  if (isEnded(record)) {
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
  const read = readEnvelope(engine, record)
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
  const record = await engine.store.getStale(id, presented.version)
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
