import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isSessionError, sessionError } from '../errors.ts'
import { decodeEnvelope, rememberedWrites } from '../record/envelope.ts'
import { isEnded, type PutResult, type StoredRecord } from '../record/store.ts'
import { counterOf, stampOf } from '../record/version.ts'
import type { BoundedStore } from './bounded-store.ts'

const attemptsAtOnce = 4
const attemptsAtOnceToSettle = 12
const longestPause = 200

/**
 * A put whose outcome is known when this resolves. A time-out or a lost connection leaves it open whether the put was
 * applied; sending the identical put again settles that: it is stored, or what is there carries its version or its
 * stamp. (Reading back instead ran `update` twice: 52 to 63 for 50 increments.)
 *
 * @throws `ERR_UNAVAILABLE` when nothing was applied by `until` (of `performance.now()`), `ERR_OUTCOME_UNKNOWN` when
 * that cannot be told, and what the store itself refuses with (`ERR_TOO_LARGE`, `ERR_NOT_DURABLE`).
 */
export async function settledPut(
  store: BoundedStore,
  key: string,
  record: StoredRecord,
  expected: string | null,
  until: number,
): Promise<PutResult> {
  let mayHaveBeenApplied = false
  for (let attempt = 1; ; attempt++) {
    let result: PutResult
    try {
      result = await store.put(key, record, expected)
    } catch (error) {
      if (!isSessionError(error) || (error.code !== 'ERR_UNAVAILABLE' && error.code !== 'ERR_OUTCOME_UNKNOWN')) throw error
      mayHaveBeenApplied ||= error.code === 'ERR_OUTCOME_UNKNOWN'
      const pause = pauseAfter(attempt, mayHaveBeenApplied)
      if (performance.now() + pause >= until) throw mayHaveBeenApplied ? outcomeUnknown(error) : error
      if (pause > 0) await sleep(pause)
      continue
    }
    return mayHaveBeenApplied && !result.stored ? settle(result.current, record) : result
  }
}

// At once at first, and for longer while it is not known what became of the put: the fewer writes come in between, the surer
// their stamps tell. Then with jitter, so that requests which failed together do not come back together.
function pauseAfter(attempt: number, mayHaveBeenApplied: boolean): number {
  const atOnce = mayHaveBeenApplied ? attemptsAtOnceToSettle : attemptsAtOnce
  return attempt <= atOnce ? 0 : randomInt(1, Math.min(2 ** (attempt - atOnce), longestPause) + 1)
}

function settle(current: StoredRecord | null, mine: StoredRecord): PutResult {
  if (current === null) throw outcomeUnknown('the record is gone')
  if (current.version === mine.version) return { stored: true }
  // Nothing is written over an ended record, so had mine been one, it would stand there.
  if (isEnded(current)) return { stored: false, current }
  if (decodeEnvelope(current.value).writes.includes(stampOf(mine.version))) return { stored: true }
  if (counterOf(current.version) - counterOf(mine.version) >= rememberedWrites) throw outcomeUnknown('too many writes came after it')
  return { stored: false, current }
}

function outcomeUnknown(cause: unknown): Error {
  return sessionError('ERR_OUTCOME_UNKNOWN', 'The session store may or may not have saved the change. Load the session again to see.', {
    cause,
  })
}
