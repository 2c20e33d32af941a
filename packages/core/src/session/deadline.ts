/** How far deadlines are from exact: an operation gets its time and up to this much more. */
const tickMilliseconds = 25

/** A signal that is made only when it is read: most calls never need theirs. */
export interface LazySignal {
  readonly signal: AbortSignal
}

/**
 * Runs `start` and rejects with `expired()` when it has not settled after so many milliseconds. The signal it is
 * given aborts then.
 *
 * Time counts while the event loop turns: one ticker serves all waits, and a stall, however long, is one tick. A wait
 * that is over gets one further turn, in which an answer that lies in the socket is read. (With a timer an operation, a
 * 300 ms stall made a healthy Redis look dead 9 to 19 times in 20.)
 */
export function withDeadline<T>(milliseconds: number, start: (lazy: LazySignal) => Promise<T>, expired: () => Error): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let controller: AbortController | undefined
    let overdue: Error | undefined
    const ticker = commonTicker ?? makeTicker()
    const wait: Wait = {
      ticksLeft: Math.ceil(milliseconds / tickMilliseconds),
      expire() {
        overdue = expired()
        reject(overdue)
        controller?.abort(overdue)
      },
    }
    ticker.add(wait)
    const lazy: LazySignal = {
      get signal() {
        controller ??= new AbortController()
        // Read for the first time after the deadline: whoever waits for this one would wait for ever.
        if (overdue !== undefined) controller.abort(overdue)
        return controller.signal
      },
    }
    start(lazy).then(
      (value) => {
        ticker.remove(wait)
        resolve(value)
      },
      (error: unknown) => {
        ticker.remove(wait)
        reject(error as Error)
      },
    )
  })
}

interface Wait {
  ticksLeft: number
  expire(): void
}

/** Counts waits down, and rests when there are none. */
interface Ticker {
  add(wait: Wait): void
  remove(wait: Wait): void
}

function makeTicker(): Ticker {
  const waits = new Set<Wait>()
  let timer: NodeJS.Timeout | undefined

  function tick(): void {
    if (waits.size === 0) {
      clearInterval(timer)
      timer = undefined
      return
    }
    for (const wait of waits) if (--wait.ticksLeft < 0) setImmediate(expireIfStillWaiting, wait)
  }

  function expireIfStillWaiting(wait: Wait): void {
    if (waits.delete(wait)) wait.expire()
  }

  return {
    add(wait) {
      waits.add(wait)
      timer ??= setInterval(tick, tickMilliseconds)
    },
    remove: (wait) => void waits.delete(wait),
  }
}

// On Cloudflare Workers a timer ends with the request that set it, so a common one would fall silent after the first.
const { navigator } = globalThis as { navigator?: { readonly userAgent?: string } }
const commonTicker = navigator?.userAgent === 'Cloudflare-Workers' ? undefined : makeTicker()
