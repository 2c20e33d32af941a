import { isSessionError, kindOf, sessionError } from '../errors.ts'
import type { GetOptions, PutResult, SessionStore, StoredRecord } from '../record/store.ts'
import { withDeadline, type LazySignal } from './deadline.ts'
import type { HealthRecord } from './health.ts'

/** The store as the engine uses it: no call takes longer than its deadline, and every failure is an error of ours. */
export interface BoundedStore {
  /** Rejects with `signal`'s reason when that aborts first. */
  get(key: string, options?: GetOptions): Promise<StoredRecord | null>
  /** `ERR_UNAVAILABLE` only where the store says that nothing was applied; else `ERR_OUTCOME_UNKNOWN`. */
  put(key: string, record: StoredRecord, expected: string | null): Promise<PutResult>
  touch(key: string, expiresAt: number): Promise<boolean>
}

/** Bounds anybody's store: also one that never settles, throws where it should reject, or rejects with what it likes. */
export function boundedStore(store: SessionStore, operationTimeout: number, health: HealthRecord): BoundedStore {
  async function call<T>(code: 'ERR_UNAVAILABLE' | 'ERR_OUTCOME_UNKNOWN', start: (lazy: LazySignal) => Promise<T>): Promise<T> {
    const silent = (): Error => sessionError(code, `The session store did not answer within ${operationTimeout} ms (operationTimeout).`)
    try {
      const answer = await withDeadline(operationTimeout, start, silent)
      health.answered()
      return answer
    } catch (error) {
      if (!isSessionError(error)) {
        health.failed()
        // Another library's error may quote keys and payloads, so neither its message nor itself goes on.
        throw sessionError(code, `The session store failed with ${nameOf(error)}.`)
      }
      if (error.status === 503) health.failed()
      throw error
    }
  }

  return {
    get(key, { atLeast, fresh, signal } = {}) {
      const answer = call('ERR_UNAVAILABLE', async (lazy) => {
        const record = await store.get(key, {
          atLeast,
          fresh,
          get signal() {
            return lazy.signal
          },
        })
        return checkedRecord(record)
      })
      return signal === undefined ? answer : abortable(answer, signal)
    },
    put: (key, record, expected) =>
      call('ERR_OUTCOME_UNKNOWN', async (lazy) => {
        const result = await store.put(key, record, {
          expected,
          get signal() {
            return lazy.signal
          },
        })
        if (typeof result?.stored !== 'boolean') throw sessionError('ERR_RECORD', 'The session store answered a put with no PutResult.')
        return result.stored ? result : { stored: false, current: checkedRecord(result.current) }
      }),
    touch: (key, expiresAt) => call('ERR_UNAVAILABLE', async (lazy) => store.touch(key, expiresAt, lazy)),
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

// What identifies an error everywhere: ECONNREFUSED, AbortError. Anything longer, or with other characters, may be data.
const plainName = /^\w{1,40}$/

function nameOf(error: unknown): string {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown }
  return [code, name].find((each): each is string => typeof each === 'string' && plainName.test(each)) ?? kindOf(error)
}
