import { isSessionError, kindOf, sessionError, type SessionError } from '../errors.ts'
import type { Durability, GetOptions, PutResult, SessionStore, StoredRecord } from '../record/store.ts'
import { withDeadline, type LazySignal, type Settling } from './deadline.ts'
import { LazyGetOptions, LazyPutOptions } from './lazy-options.ts'

/** A store of which no call takes longer than its deadline, and every failure is an error of ours. */
export interface BoundedStore {
  /** What is an answer in this process for what the client claims; undefined: `get` has to be asked. Says nothing of whether the store answers. */
  getLocal(key: string, claimed: string | undefined): StoredRecord | undefined
  /** Rejects with `signal`'s reason when that aborts first. */
  get(key: string, options?: GetOptions): Promise<StoredRecord | null>
  /**
   * `ERR_UNAVAILABLE` only where the store says that nothing was applied; else `ERR_OUTCOME_UNKNOWN`. Where so many replicas are
   * asked for, their time comes on top of the store's.
   */
  put(key: string, record: StoredRecord, expected: string | null, durability?: Durability): Promise<PutResult>
  touch(key: string, expiresAt: number): Promise<boolean>
  delete(key: string): Promise<void>
  /** Whether it can be asked for copies. */
  readonly keepsCopies: boolean
  /** A copy, for while the store cannot be asked; null where it has none, and for whatever goes wrong. */
  getStale(key: string, atLeast: string | undefined): Promise<StoredRecord | null>
}

export interface Bounds {
  /** Milliseconds that one call may take. */
  readonly timeout: number
  /** The option that says so. */
  readonly option: string
  /** How messages name the store. */
  readonly name: string
  answered(): void
  failed(error: SessionError): void
}

/** Bounds anybody's store: also one that never settles, throws where it should reject, or rejects with what it likes. */
export function boundedStore(store: SessionStore, bounds: Bounds): BoundedStore {
  const { timeout, option, name } = bounds

  function settling<T>(
    code: 'ERR_UNAVAILABLE' | 'ERR_OUTCOME_UNKNOWN',
    checked: (answer: T) => T,
    time = `${timeout} ms (${option})`,
  ): Settling<T> {
    return {
      answered(answer) {
        const result = checked(answer)
        bounds.answered()
        return result
      },
      failed(error) {
        // Another library's error may quote keys and payloads, so neither its message nor itself goes on.
        const ours = isSessionError(error) ? error : sessionError(code, `${name} failed with ${nameOf(error)}.`)
        bounds.failed(ours)
        return ours
      },
      expired: () => sessionError(code, `${name} did not answer within ${time}.`),
    }
  }

  const reading = settling('ERR_UNAVAILABLE', checkedRecord)
  const writing = settling('ERR_OUTCOME_UNKNOWN', checkedResult)
  const touching = settling<boolean>('ERR_UNAVAILABLE', (answer) => answer)
  const deleting = settling<void>('ERR_UNAVAILABLE', () => {})

  return {
    getLocal(key, claimed) {
      if (store.getLocal === undefined) return undefined
      try {
        return checkedLocal(store.getLocal(key, { atLeast: claimed }))
      } catch (error) {
        throw reading.failed(error)
      }
    },
    get(key, { atLeast, fresh, signal } = {}) {
      const answer = withDeadline(timeout, (lazy) => store.get(key, new LazyGetOptions(lazy, atLeast, fresh)), reading)
      return signal === undefined ? answer : abortable(answer, signal)
    },
    put(key, record, expected, durability) {
      const start = (lazy: LazySignal): Promise<PutResult> => store.put(key, record, new LazyPutOptions(lazy, expected, durability))
      if (typeof durability !== 'object') return withDeadline(timeout, start, writing)
      const longer = timeout + durability.withinTimeout
      return withDeadline(longer, start, settling('ERR_OUTCOME_UNKNOWN', checkedResult, `${longer} ms (${option}, withinTimeout)`))
    },
    touch: (key, expiresAt) => withDeadline(timeout, (lazy) => store.touch(key, expiresAt, lazy), touching),
    delete: (key) => withDeadline(timeout, (lazy) => store.delete(key, lazy), deleting),
    keepsCopies: typeof store.getStale === 'function',
    getStale: (key, atLeast) =>
      withDeadline(timeout, async () => (await store.getStale?.(key, { atLeast })) ?? null, recalling).catch(() => null),
  }
}

/** Says nothing of whether the store answers. */
const recalling: Settling<StoredRecord | null> = { answered: checkedRecord, failed: (error) => error, expired: () => undefined }

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
  if (hasDeadline(answer) && ArrayBuffer.isView(answer.value)) return answer
  throw sessionError('ERR_RECORD', 'The session store answered with something that is no StoredRecord.')
}

/** The same, but for the value of what has an origin: that is read once, and may take time to make. */
function checkedLocal(answer: StoredRecord | undefined): StoredRecord | undefined {
  return answer?.origin !== undefined && hasDeadline(answer) ? answer : (checkedRecord(answer) ?? undefined)
}

function hasDeadline({ version, expiresAt }: StoredRecord): boolean {
  return typeof version === 'string' && Number.isFinite(expiresAt)
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
