import { publish } from '../../events.ts'
import type { Uncopied } from './uncopied.ts'

/** Copies what waits, again and again while something does. */
export interface Rounds {
  /** Something waits: it is copied after `every` at the latest. */
  due(): void
  /** Copies all that waits, for as long as it takes or until then (of `performance.now()`). */
  all(until: number): Promise<void>
  /** The same for the last time: there are no rounds afterwards. */
  drain(until: number): Promise<void>
}

export interface RoundsOptions {
  readonly every: number
  /** How long the oldest change may wait before that is told. */
  readonly lateAfter: number
  /** Answers false where the backup does not answer, or takes nothing. Does not reject. */
  copy(key: string): Promise<boolean>
}

/** How many sessions are copied at once. */
const width = 16
/** Milliseconds between two tries while all is copied. */
const drainPause = 50

export function rounds(uncopied: Uncopied, { every, lateAfter, copy }: RoundsOptions): Rounds {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<boolean> | undefined
  let until = Infinity
  let isDraining = false
  let isLate = false

  function arm(after: number): void {
    if (timer !== undefined || running !== undefined || isDraining || uncopied.size === 0) return
    // What waits keeps no process alive: for that there is close().
    timer = setTimeout(() => {
      timer = undefined
      void round()
    }, after).unref()
  }

  async function round(): Promise<boolean> {
    const startedAt = performance.now()
    running ??= copyAll()
    const isWell = await running
    running = undefined
    tellIfLate()
    // What is left came after the beginning of this round, or was not taken.
    arm(isWell ? Math.max(startedAt + every - performance.now(), 1) : every)
    return isWell
  }

  /** Gives up when as many in a row as are copied at once did not go well. Those are last in the next round. */
  async function copyAll(): Promise<boolean> {
    const keys = uncopied.keys()
    let next = 0
    let failures = 0
    let isWell = true
    const one = async (): Promise<void> => {
      while (next < keys.length && failures < width && performance.now() < until) {
        const hasAnswered = await copy(keys[next++] as string)
        failures = hasAnswered ? 0 : failures + 1
        isWell &&= hasAnswered
      }
    }
    await Promise.all(Array.from({ length: Math.min(width, keys.length) }, one))
    return isWell
  }

  function tellIfLate(): void {
    const { since, changes } = uncopied
    const oldest = since === undefined ? 0 : performance.now() - since
    if (oldest <= lateAfter) isLate = false
    else if (!isLate) {
      isLate = true
      publish('backup-behind', () => ({ pending: changes, oldest }))
    }
  }

  async function all(end: number): Promise<void> {
    for (;;) {
      const isWell = await round()
      if (uncopied.size === 0 || performance.now() >= end) return
      if (!isWell) await new Promise((resolve) => setTimeout(resolve, Math.min(drainPause, Math.max(end - performance.now(), 0))))
    }
  }

  return {
    due: () => arm(every),
    all,
    drain(end) {
      isDraining = true
      until = end
      clearTimeout(timer)
      timer = undefined
      return all(end)
    },
  }
}
