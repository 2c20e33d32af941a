import { sessionError } from '../../errors.ts'
import type { StoreOptions } from '../../record/store.ts'

/** One thing at a time for each key, in the order of coming. */
export interface Turns {
  /** Whether anything is under way. */
  readonly isBusy: boolean
  /** Whether something of this key is. */
  has(key: string): boolean
  /**
   * Runs the work when its turn has come.
   *
   * @throws `ERR_UNAVAILABLE` when nobody waits for it any more by then
   */
  run<T>(key: string, work: () => Promise<T>, options?: StoreOptions): Promise<T>
}

export function turns(): Turns {
  const waiting = new Map<string, (() => void)[]>()

  function end(key: string): void {
    const next = waiting.get(key)?.shift()
    if (next === undefined) waiting.delete(key)
    else next()
  }

  return {
    get isBusy() {
      return waiting.size > 0
    },
    has: (key) => waiting.has(key),
    async run(key, work, options) {
      const before = waiting.get(key)
      try {
        if (before === undefined) {
          waiting.set(key, [])
        } else {
          await new Promise<void>((resolve) => before.push(resolve))
          if (options?.signal?.aborted === true)
            throw sessionError('ERR_UNAVAILABLE', 'Other changes of this session were waiting for the backup for too long.')
        }
        return await work()
      } finally {
        end(key)
      }
    },
  }
}
