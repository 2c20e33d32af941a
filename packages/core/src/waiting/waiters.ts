import { sessionError } from '../errors.ts'
import type { StoreOptions } from '../record/store.ts'

/** Calls that wait until something has changed: a server has become ready, another one is the primary. */
export interface Waiters {
  /**
   * Resolves at the next `wake`.
   *
   * @param until when to give up, of `performance.now()`, where there is no signal
   * @param problem what to say then
   * @throws `ERR_UNAVAILABLE` when the signal aborts or the time has passed
   */
  wait(options: StoreOptions | undefined, until: number, problem: () => string): Promise<void>
  wake(): void
}

interface Waiter {
  resolve(): void
}

export function waiters(): Waiters {
  const waiting = new Set<Waiter>()
  return {
    wait(options, until, problem) {
      const signal = options?.signal
      return new Promise<void>((resolve, reject) => {
        const settle = (): void => {
          waiting.delete(waiter)
          clearTimeout(timer)
          signal?.removeEventListener('abort', giveUp)
        }
        const giveUp = (): void => {
          settle()
          reject(sessionError('ERR_UNAVAILABLE', problem()))
        }
        const waiter: Waiter = {
          resolve() {
            settle()
            resolve()
          },
        }
        waiting.add(waiter)
        const timer = signal === undefined && until < Infinity ? setTimeout(giveUp, Math.max(until - performance.now(), 0)) : undefined
        signal?.addEventListener('abort', giveUp)
        if (signal?.aborted === true) giveUp()
      })
    },
    wake() {
      for (const waiter of waiting) waiter.resolve()
    },
  }
}
