import { sessionError } from '../errors.ts'

/** Counts what is under way, so that closing can wait for it. */
export interface WorkInProgress {
  /** Rejects with `ERR_UNAVAILABLE` once the manager is closed. */
  track<T>(start: () => Promise<T>): Promise<T>
  /** Settles when nothing is under way, or after so many milliseconds; nothing is started afterwards. */
  finished(within: number): Promise<void>
}

export function workInProgress(): WorkInProgress {
  let running = 0
  let closed = false
  let idle: (() => void) | undefined

  return {
    async track(start) {
      if (closed) throw sessionError('ERR_UNAVAILABLE', 'The session manager is closed.')
      running++
      try {
        return await start()
      } finally {
        running--
        if (running === 0) idle?.()
      }
    },
    async finished(within) {
      if (running > 0) {
        let timer: NodeJS.Timeout | undefined
        await new Promise<void>((resolve) => {
          idle = resolve
          timer = setTimeout(resolve, within)
        })
        clearTimeout(timer)
      }
      closed = true
    },
  }
}
