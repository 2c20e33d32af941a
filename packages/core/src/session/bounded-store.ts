import { isSessionError, kindOf, sessionError } from '../errors.ts'
import type { Durability, GetOptions, PutResult, SessionStore, StoredRecord } from '../record/store.ts'
import { withDeadline, type LazySignal, type Settling } from '../waiting/deadline.ts'
import { LazyGetOptions, LazyPutOptions } from '../waiting/lazy-options.ts'
import type { HealthRecord } from './health.ts'

/** The store as the engine uses it: no call takes longer than its deadline, and every failure is an error of ours. */
export interface BoundedStore {
  /** Rejects with `signal`'s reason when that aborts first. */
  get(key: string, options?: GetOptions): Promise<StoredRecord | null>
  /**
   * `ERR_UNAVAILABLE` only where the store says that nothing was applied; else `ERR_OUTCOME_UNKNOWN`. Where so many replicas are
   * asked for, their time comes on top of the store's.
   */
  put(key: string, record: StoredRecord, expected: string | null, durability?: Durability): Promise<PutResult>
  touch(key: string, expiresAt: number): Promise<boolean>
}

/** Bounds anybody's store: also one that never settles, throws where it should reject, or rejects with what it likes. */
export function boundedStore(store: SessionStore, operationTimeout: number, health: HealthRecord): BoundedStore {
  function settling<T>(
    code: 'ERR_UNAVAILABLE' | 'ERR_OUTCOME_UNKNOWN',
    checked: (answer: T) => T,
    time = `${operationTimeout} ms (operationTimeout)`,
  ): Settling<T> {
    return {
      answered(answer) {
        const result = checked(answer)
        health.answered()
        return result
      },
      failed(error) {
        if (isSessionError(error)) {
          if (error.status === 503) health.failed()
          return error
        }
        health.failed()
        // Another library's error may quote keys and payloads, so neither its message nor itself goes on.
        return sessionError(code, `The session store failed with ${nameOf(error)}.`)
      },
      expired: () => sessionError(code, `The session store did not answer within ${time}.`),
    }
  }

  const reading = settling('ERR_UNAVAILABLE', checkedRecord)
  const writing = settling('ERR_OUTCOME_UNKNOWN', checkedResult)
  const touching = settling<boolean>('ERR_UNAVAILABLE', (answer) => answer)

  return {
    get(key, { atLeast, fresh, signal } = {}) {
      const answer = withDeadline(operationTimeout, (lazy) => store.get(key, new LazyGetOptions(lazy, atLeast, fresh)), reading)
      return signal === undefined ? answer : abortable(answer, signal)
    },
    put(key, record, expected, durability) {
      const start = (lazy: LazySignal): Promise<PutResult> => store.put(key, record, new LazyPutOptions(lazy, expected, durability))
      if (typeof durability !== 'object') return withDeadline(operationTimeout, start, writing)
      const timeout = operationTimeout + durability.withinTimeout
      return withDeadline(timeout, start, settling('ERR_OUTCOME_UNKNOWN', checkedResult, `${timeout} ms (operationTimeout, withinTimeout)`))
    },
    touch: (key, expiresAt) => withDeadline(operationTimeout, (lazy) => store.touch(key, expiresAt, lazy), touching),
  }
}

function abortable<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** Fails closed on what is no record: one without a deadline would live for ever. */
function checkedRecord(answer: StoredRecord | null | undefined): StoredRecord | null {
  if (answer === null || answer === undefined) return null
  if (typeof answer.version === 'string' && Number.isFinite(answer.expiresAt) && ArrayBuffer.isView(answer.value)) return answer
  throw sessionError('ERR_RECORD', 'The session store answered with something that is no StoredRecord.')
}

function checkedResult(result: PutResult): PutResult {
  if (typeof (result as PutResult | undefined)?.stored !== 'boolean')
    throw sessionError('ERR_RECORD', 'The session store answered a put with no PutResult.')
  return result.stored ? result : { stored: false, current: checkedRecord(result.current) }
}

// What identifies an error everywhere: ECONNREFUSED, AbortError. Anything longer, or with other characters, may be data.
const plainName = /^\w{1,40}$/

function nameOf(error: unknown): string {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown }
  return [code, name].find((each): each is string => typeof each === 'string' && plainName.test(each)) ?? kindOf(error)
}
