/** Finds a server that is connected but silent, which no socket ever tells. */
export interface SilenceWatch {
  /** How many answers have come. */
  readonly answers: number
  /** Whether an answer has let somebody wait for longer than is usual, and none has come promptly since, as far as has been tried. */
  isSuspect: boolean
  /** An answer is owed from now on. */
  expect(): void
  /** One has come. */
  heard(): void
  /** One will not come: the command was not sent, or its connection was lost. */
  forget(): void
}

const tickMilliseconds = 100

/** So many ticks without any answer while one is owed. */
const mostSilentTicks = 4

/**
 * Calls `onSilent` when answers are owed and none has come for some 400 ms during which the event loop turned. A stall of the
 * process counts as one tick, and an answer that lies in the socket after it is still read: a busy process is not a
 * dead server. (The client's own socketTimeout is a plain timer, and does not know the difference.)
 */
export function silenceWatch(onSilent: () => void): SilenceWatch {
  let owed = 0
  let silentTicks = 0
  let ticker: NodeJS.Timeout | undefined

  function tick(): void {
    if (owed === 0) {
      clearInterval(ticker)
      ticker = undefined
      return
    }
    silentTicks += 1
    if (silentTicks >= mostSilentTicks) setImmediate(giveUpUnlessHeard)
  }

  function giveUpUnlessHeard(): void {
    if (owed === 0 || silentTicks < mostSilentTicks) return
    silentTicks = 0
    onSilent()
  }

  const watch = {
    answers: 0,
    isSuspect: false,
    expect() {
      if (owed === 0) silentTicks = 0
      owed += 1
      ticker ??= setInterval(tick, tickMilliseconds).unref()
    },
    heard() {
      owed = Math.max(owed - 1, 0)
      silentTicks = 0
      watch.answers += 1
    },
    forget() {
      owed = Math.max(owed - 1, 0)
    },
  }
  return watch
}

/** For connections that are not ours to drop. */
export const nobodyWatches: SilenceWatch = { answers: 0, isSuspect: false, expect() {}, heard() {}, forget() {} }
