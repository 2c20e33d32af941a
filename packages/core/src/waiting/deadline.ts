import { hasSharedTimers } from './shared-timers.ts'

/** How far deadlines are from exact: an operation gets its time and up to this much more. */
const tickMilliseconds = 25

/** A signal that is made only when it is read: most calls never need theirs. */
export interface LazySignal {
  readonly signal: AbortSignal
}

/** What becomes of an answer, and of a failure: what these give or throw is what `withDeadline` settles with. */
export interface Settling<T> {
  answered(value: T): T
  /** Answers the error to reject with. */
  failed(error: unknown): unknown
  /** What the signal aborts with, and `failed` is given, once the deadline has passed. */
  expired(): unknown
}

/**
 * Runs `start` and rejects with what `expired` gives when it has not settled after so many milliseconds. The signal it is
 * given aborts then; whoever has read it may say in that turn why there is no answer, and whether anything was done.
 *
 * Time counts while the event loop turns: one ticker serves all waits, and a stall, however long, is one tick. A wait
 * that is over gets one further turn, in which an answer that lies in the socket is read. (With a timer an operation, a
 * 300 ms stall made a healthy Redis look dead 9 to 19 times in 20.)
 */
export function withDeadline<T>(milliseconds: number, start: (lazy: LazySignal) => Promise<T>, settling: Settling<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const ticker = commonTicker ?? makeTicker()
    const wait = new Wait(Math.ceil(milliseconds / tickMilliseconds), settling, reject)
    const answered = (value: T): void => {
      wait.isSettled = true
      ticker.remove(wait)
      try {
        resolve(settling.answered(value))
      } catch (error) {
        reject(settling.failed(error) as Error)
      }
    }
    const failed = (error: unknown): void => {
      if (wait.isSettled) return
      wait.isSettled = true
      ticker.remove(wait)
      reject(settling.failed(error) as Error)
    }
    ticker.add(wait)
    try {
      // Also what is no promise of Node's, or none at all: the store may be anybody's.
      Promise.resolve(start(wait)).then(answered, failed)
    } catch (error) {
      failed(error)
    }
  })
}

/** A call under way, and its signal. A class, since one is made for every call of the store. */
class Wait implements LazySignal {
  ticksLeft: number
  isSettled = false
  readonly #settling: Settling<any>
  readonly #reject: (error: Error) => void
  #controller: AbortController | undefined
  #overdue: unknown

  constructor(ticks: number, settling: Settling<any>, reject: (error: Error) => void) {
    this.ticksLeft = ticks
    this.#settling = settling
    this.#reject = reject
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    // Read for the first time after the deadline: whoever waits for this one would wait for ever.
    if (this.#overdue !== undefined) this.#controller.abort(this.#overdue)
    return this.#controller.signal
  }

  expire(): void {
    this.#overdue = this.#settling.expired()
    if (this.#controller === undefined) return this.giveUp()
    setImmediate(giveUp, this)
    this.#controller.abort(this.#overdue)
  }

  giveUp(): void {
    if (this.isSettled) return
    this.isSettled = true
    this.#reject(this.#settling.failed(this.#overdue) as Error)
  }
}

function giveUp(wait: Wait): void {
  wait.giveUp()
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

const commonTicker = hasSharedTimers ? makeTicker() : undefined
