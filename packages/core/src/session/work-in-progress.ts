import { sessionError } from '../errors.ts'

/** Timers overflow past this, and fire at once. */
const longestTimer = 2 ** 31 - 1

/** Counts what is under way, so that closing can wait for it. */
export interface WorkInProgress {
  /** Something is under way until `end` is called. Throws `ERR_UNAVAILABLE` once the manager is closed. */
  begin(): void
  end(): void
  /** Settles when nothing is under way, or after so many milliseconds; nothing is started afterwards. */
  finished(within: number): Promise<void>
}

export function workInProgress(): WorkInProgress {
  let running = 0
  let closed = false
  const whenIdle = new Set<() => void>()

  return {
    begin() {
      if (closed) throw sessionError('ERR_UNAVAILABLE', 'The session manager is closed.')
      running++
    },
    end() {
      running--
      if (running === 0) for (const settle of whenIdle) settle()
    },
    async finished(within) {
      if (running > 0) {
        let timer: NodeJS.Timeout | undefined
        await new Promise<void>((resolve) => {
          whenIdle.add(resolve)
          timer = setTimeout(resolve, Math.min(within, longestTimer))
        })
        clearTimeout(timer)
      }
      closed = true
    },
  }
}
