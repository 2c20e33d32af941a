import { isSessionError } from '../../errors.ts'
import { isEnded, type PutOptions, type PutResult, type StoredRecord } from '../../record/store.ts'
import { askedNow, doubt, isNotThere, mayHaveEnded, type Copy } from './copies.ts'
import { here, keep, settle, type Pair } from './pair.ts'
import { verdict } from './verdict.ts'

/** The backup may be found to have something else so often, as when it has lost its memory. */
const mostAttempts = 4

/** A change: copied behind the answer, or before it. `maySpare`: the backup was silent just now. */
export function put(pair: Pair, key: string, record: StoredRecord, options: PutOptions, maySpare: () => boolean): Promise<PutResult> {
  const { lanes, turns, uncopied } = pair
  const before = (): Promise<PutResult> =>
    lanes.run(key, () => turns.run(key, () => putBefore(pair, key, record, options), options), options)
  const { durability = 'primary' } = options
  if (isEnded(record) || durability !== 'primary' || pair.writesThrough || !uncopied.hasRoomFor(key, record)) return before()
  return turns.run(key, () => putBehind(pair, key, record, options, maySpare), options).then((result) => result ?? before())
}

/** Decided here, and copied later. Undefined: there is nothing here to decide it by. */
async function putBehind(
  pair: Pair,
  key: string,
  record: StoredRecord,
  { expected }: PutOptions,
  maySpare: () => boolean,
): Promise<PutResult | undefined> {
  const { local, backup, copies, uncopied, due } = pair
  const copy = copies.of(key)
  const waiting = uncopied.get(key)?.record
  // It would be lost, once the end is known.
  if (mayHaveEnded(copy)) return undefined
  // A change that was to be in the backup before its answer, and may be: it is not to be overwritten by one that knows nothing of it.
  if (waiting === undefined && copy.doubts.length > 0 && !maySpare()) {
    const asked = askedNow(copy)
    const theirs = await backup.get(key, { fresh: true }).catch(() => undefined)
    if (theirs !== undefined) await settle(pair, key, theirs, asked)
  }
  // What waits to be copied is here, also where the local store has dropped it.
  if (waiting !== undefined && expected === null && waiting.version !== record.version) {
    const ours = await here(pair, key)
    if (ours !== null) return { stored: false, current: ours }
  }
  let result = await local.put(key, record, { expected })
  if (!result.stored && result.current === null && expected !== null) {
    if (waiting === undefined) return undefined
    const ours = await here(pair, key)
    if (ours === null) return result
    await keep(pair, key, ours, null)
    result = await local.put(key, record, { expected })
  }
  if (!result.stored) return result
  if (waiting?.version === record.version || (waiting === undefined && copy.backup === record.version)) return result
  if (copy.backup === undefined) {
    copy.backup = expected
    // A new session: nobody else has its token.
    if (expected === null) copies.confirm(key, askedNow(copy))
  }
  uncopied.add(key, record)
  due()
  return result
}

/** Decided by the backup, whose answer counts; then kept here. In its lane and its turn. */
async function putBefore(pair: Pair, key: string, record: StoredRecord, { expected, durability }: PutOptions): Promise<PutResult> {
  const { backup, copies, uncopied } = pair
  const copy = copies.of(key)
  const isUncopied = uncopied.get(key)?.record !== undefined
  const ours = await here(pair, key)
  if (ours !== null && ours.version !== record.version && ours.version !== expected) return { stored: false, current: ours }
  // It has expired before it could be copied.
  if (ours === null && isUncopied && expected !== null) return { stored: false, current: null }
  let over = isUncopied ? (copy.backup ?? null) : expected
  for (let attempt = 1; ; attempt += 1) {
    const asked = askedNow(copy)
    const result = await sent(pair, key, copy, record, () => backup.put(key, record, over, durability))
    if (result.stored) {
      copies.confirm(key, asked)
      copy.news += 1
      copy.backup = record.version
      copy.doubts = []
      uncopied.remove(key)
      if (ours?.version !== record.version) await keep(pair, key, record, ours?.version ?? null)
      return result
    }
    const { current: theirs } = result
    const stands = ours === null ? 'theirs' : verdict(theirs, ours, copy, isUncopied)
    if (stands === 'theirs' || attempt === mostAttempts) {
      const current = ours === null && theirs === null ? null : await settle(pair, key, theirs, asked)
      return { stored: false, current }
    }
    over = copy.backup = theirs?.version ?? null
  }
}

/** What was sent may be there until there is an answer, and after an error that does not say that it is not. */
async function sent(pair: Pair, key: string, copy: Copy, record: StoredRecord, send: () => Promise<PutResult>): Promise<PutResult> {
  const { version } = record
  const wasInDoubt = doubt(copy, version)
  try {
    const result = await send()
    if (!result.stored) isNotThere(copy, version)
    return result
  } catch (error) {
    if (!wasInDoubt && !mayBeThere(error)) isNotThere(copy, version)
    else pair.copies.unconfirm(copy)
    throw error
  }
}

/** Whether a put that failed so may have been applied. */
export function mayBeThere(error: unknown): boolean {
  return isSessionError(error) && (error.code === 'ERR_OUTCOME_UNKNOWN' || error.code === 'ERR_NOT_DURABLE')
}
