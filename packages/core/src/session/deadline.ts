/** How far deadlines are from exact: an operation gets its time and up to this much more. */
const tickMilliseconds = 25

/** A signal that is made only when it is read: most calls never need theirs. */
export interface LazySignal {
  readonly signal: AbortSignal
}

interface Wait {
  ticksLeft: number
  expire(): void
}

const waits = new Set<Wait>()
let ticking: NodeJS.Timeout | undefined

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
    const wait: Wait = {
      ticksLeft: Math.ceil(milliseconds / tickMilliseconds),
      expire() {
        const error = expired()
        reject(error)
        controller?.abort(error)
      },
    }
    waits.add(wait)
    ticking ??= setInterval(tick, tickMilliseconds)
    const lazy: LazySignal = {
      get signal() {
        return (controller ??= new AbortController()).signal
      },
    }
    start(lazy).then(
      (value) => {
        waits.delete(wait)
        resolve(value)
      },
      (error: unknown) => {
        waits.delete(wait)
        reject(error as Error)
      },
    )
  })
}

function tick(): void {
  if (waits.size === 0) {
    clearInterval(ticking)
    ticking = undefined
    return
  }
  for (const wait of waits) if (--wait.ticksLeft < 0) setImmediate(expireIfStillWaiting, wait)
}

function expireIfStillWaiting(wait: Wait): void {
  if (waits.delete(wait)) wait.expire()
}
