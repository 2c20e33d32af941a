import { sessionError } from '../errors.ts'
import type { SessionStore } from '../record/store.ts'

/** One call that reached a `faultyStore`. */
export interface StoreCall {
  readonly method: 'get' | 'put' | 'touch' | 'delete'
  readonly key: string
}

/**
 * What happens to a call:
 *
 * | fault | the store behind | the caller |
 * |---|---|---|
 * | `'fail'` | is not asked | gets `ERR_UNAVAILABLE` |
 * | `'hang'` | is not asked | waits for ever, whatever its `signal` says: the worst store there is |
 * | `'swallow'` | applies the call | gets `ERR_OUTCOME_UNKNOWN`, as when a reply is lost |
 * | a number | is asked after so many milliseconds | gets its answer |
 * | `undefined` | is asked | gets its answer |
 */
export type Fault = 'fail' | 'hang' | 'swallow' | number | undefined

/** A store that does as it is told, and remembers what it was asked. */
export interface FaultyStore extends SessionStore {
  /** Every call so far, in the order of arrival, those with a fault too. */
  readonly calls: StoreCall[]
  /**
   * Asked for each call; undefined: all is well. It may answer later: a call is then held back until it does, which
   * makes races repeatable.
   */
  fault: ((call: StoreCall) => Fault | Promise<Fault>) | undefined
}

/**
 * A store with a hook for trouble around one that works.
 *
 * @example
 * const store = faultyStore(memoryStore())
 * let puts = 0
 * store.fault = ({ method }) => (method === 'put' && puts++ % 10 === 0 ? 'swallow' : undefined)
 *
 * @example
 * // Holds a write back until somebody has signed out.
 * store.fault = async ({ method }) => { if (method === 'put') await signedOut }
 */
export function faultyStore(store: SessionStore): FaultyStore {
  async function pass<T>(method: StoreCall['method'], key: string, ask: () => Promise<T>): Promise<T> {
    const call: StoreCall = { method, key }
    faulty.calls.push(call)
    const fault = await faulty.fault?.(call)
    if (fault === 'fail') throw sessionError('ERR_UNAVAILABLE', `faultyStore: this ${method} was made to fail.`)
    if (fault === 'hang') return new Promise<never>(() => {})
    if (typeof fault === 'number') await new Promise((resolve) => setTimeout(resolve, fault))
    const answer = await ask()
    if (fault === 'swallow') throw sessionError('ERR_OUTCOME_UNKNOWN', `faultyStore: this ${method} was applied, and its answer swallowed.`)
    return answer
  }

  const faulty: FaultyStore = {
    calls: [],
    fault: undefined,
    answersFromCopies: store.answersFromCopies,
    get: (key, options) => pass('get', key, () => store.get(key, options)),
    put: (key, record, options) => pass('put', key, () => store.put(key, record, options)),
    touch: (key, expiresAt, options) => pass('touch', key, () => store.touch(key, expiresAt, options)),
    delete: (key, options) => pass('delete', key, () => store.delete(key, options)),
  }
  if (store.onChange !== undefined) faulty.onChange = (listener) => store.onChange!(listener)
  if (store.getStale !== undefined) faulty.getStale = (key, options) => store.getStale!(key, options)
  if (store.close !== undefined) faulty.close = (options) => store.close!(options)
  return faulty
}
