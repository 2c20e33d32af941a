/** How often what has expired is looked for, in milliseconds. Exactness comes from looking at each use; this gives memory back. */
const sweepEvery = 30_000

/** One batch takes a few milliseconds at most; while there is more to do, the next follows soon. */
const batch = 5_000
const nextBatchAfter = 20

export interface Sweeper {
  /** Call when something was added: the sweep rests while there is nothing. */
  start(): void
  stop(): void
}

/** Calls `sweep` now and then as long as it does not answer `'empty'`. Keeps no process alive. */
export function sweeper(sweep: (most: number) => 'empty' | 'done' | 'more'): Sweeper {
  let timer: NodeJS.Timeout | undefined

  function wait(milliseconds: number): void {
    timer = setTimeout(run, milliseconds)
    timer.unref()
  }

  function run(): void {
    timer = undefined
    const left = sweep(batch)
    if (left !== 'empty') wait(left === 'more' ? nextBatchAfter : sweepEvery)
  }

  return {
    start() {
      if (timer === undefined) wait(sweepEvery)
    },
    stop() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
