import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isSessionError, sessionError } from '../errors.ts'
import { decodeEnvelope, rememberedWrites } from '../record/envelope.ts'
import { isEnded, type Durability, type PutResult, type StoredRecord } from '../record/store.ts'
import { counterOf, stampOf } from '../record/version.ts'
import type { BoundedStore } from '../waiting/bounded-store.ts'

/** A write that is sent again, the same bytes and the same version, until it is known what became of it. */
export interface Write {
  readonly record: StoredRecord
  readonly expected: string | null
  /** It has been sent, and may have been applied, also by a save() that failed. */
  mayStand: boolean
}

const attemptsAtOnce = 4
const attemptsAtOnceToSettle = 12
const longestPause = 200

/**
 * A put whose outcome is known when this resolves. A time-out or a lost connection leaves it open whether the put was
 * applied; sending the identical put again settles that: it is stored, or what is there carries its version or its
 * stamp. (Reading back instead ran `update` twice: 52 to 63 for 50 increments.)
 *
 * @throws `ERR_UNAVAILABLE` when nothing was applied by `until` (of `performance.now()`), `ERR_OUTCOME_UNKNOWN` when
 * that cannot be told, and at once what the store itself refuses with: `ERR_TOO_LARGE`, `ERR_REFUSED`, and `ERR_NOT_DURABLE`
 * for what may well stand there, and is settled when the same write is sent again: for `'replicated'` that is done here, since a replica
 * that hangs is soon one that the store no longer waits for.
 */
export async function settledPut(
  store: BoundedStore,
  key: string,
  write: Write,
  until: number,
  durability?: Durability,
): Promise<PutResult> {
  for (let attempt = 1; ; attempt++) {
    let result: PutResult
    try {
      result = await store.put(key, write.record, write.expected, durability)
    } catch (error) {
      if (!isSessionError(error)) throw error
      if (error.code === 'ERR_OUTCOME_UNKNOWN' || error.code === 'ERR_NOT_DURABLE') write.mayStand = true
      // Of this attempt nothing was applied, but what became of an earlier one cannot be found out now.
      if (error.code === 'ERR_REFUSED' && write.mayStand) throw outcomeUnknown(error)
      const isUnconfirmed = error.code === 'ERR_NOT_DURABLE' && durability === 'replicated'
      if (error.code !== 'ERR_UNAVAILABLE' && error.code !== 'ERR_OUTCOME_UNKNOWN' && !isUnconfirmed) throw error
      const pause = pauseAfter(attempt, write.mayStand)
      if (performance.now() + pause >= until) throw write.mayStand && !isUnconfirmed ? outcomeUnknown(error) : error
      if (pause > 0) await sleep(pause)
      continue
    }
    return write.mayStand && !result.stored ? settle(result.current, write.record, durability) : result
  }
}

// At once at first, and for longer while it is not known what became of the put: the fewer writes come in between, the surer
// their stamps tell. Then with jitter, so that requests which failed together do not come back together.
function pauseAfter(attempt: number, mayHaveBeenApplied: boolean): number {
  const atOnce = mayHaveBeenApplied ? attemptsAtOnceToSettle : attemptsAtOnce
  return attempt <= atOnce ? 0 : randomInt(1, Math.min(2 ** (attempt - atOnce), longestPause) + 1)
}

function settle(current: StoredRecord | null, mine: StoredRecord, durability: Durability | undefined): PutResult {
  if (current === null) throw outcomeUnknown('the record is gone')
  if (current.version === mine.version) return { stored: true }
  // Nothing is written over an ended record, so had mine been one, it would stand there.
  if (isEnded(current)) return { stored: false, current }
  if (decodeEnvelope(current.value).writes.includes(stampOf(mine.version))) {
    if (typeof durability !== 'object') return { stored: true }
    throw sessionError('ERR_NOT_DURABLE', 'The change was saved, and another came after it before so many replicas had confirmed it.')
  }
  if (counterOf(current.version) - counterOf(mine.version) >= rememberedWrites) throw outcomeUnknown('too many writes came after it')
  return { stored: false, current }
}

function outcomeUnknown(cause: unknown): Error {
  return sessionError('ERR_OUTCOME_UNKNOWN', 'The session store may or may not have saved the change. Load the session again to see.', {
    cause,
  })
}
