import { randomInt } from 'node:crypto'
import { publish } from '../../../events.ts'

/** Keeps calls from a server that answers each of them with the same refusal, or with none. */
export interface Breaker {
  readonly state: 'closed' | 'open' | 'half-open'
  /** The code word of the reply, or the problem, that opened it. */
  readonly reason: string | undefined
  /** Whether `allows` would let one try. */
  readonly isRested: boolean
  /** Whether a call may be sent now: closed, all may; open, none; half-open, one that tries. */
  allows(): boolean
  succeeded(): void
  failed(reason: string): void
}

export interface BreakerOptions {
  /** The server's `host:port`, for events. */
  readonly node: string
  readonly guards: 'reads' | 'changes'
  /** So many failures in a row open it. */
  readonly failuresToOpen: number
  /** Calls that wait may be sent now: it has closed, or lets one try. */
  readonly changed: () => void
}

/** Milliseconds until one call may try again, and up to so many more, so that not all processes try at once. */
const restFor = 100

export function breaker({ node, guards, failuresToOpen, changed }: BreakerOptions): Breaker {
  let state: Breaker['state'] = 'closed'
  let reason: string | undefined
  let failures = 0
  let tryAgainAt = 0
  let timer: NodeJS.Timeout | undefined

  function rest(): void {
    tryAgainAt = performance.now() + restFor + randomInt(restFor)
    timer ??= setTimeout(rested, tryAgainAt - performance.now()).unref()
  }

  function rested(): void {
    timer = undefined
    const left = tryAgainAt - performance.now()
    if (left > 0) timer = setTimeout(rested, left).unref()
    else if (state !== 'closed') changed()
  }

  function become(next: Breaker['state']): void {
    if (state === next) return
    state = next
    publish('breaker', () => ({ node, guards, state: next, reason }))
  }

  return {
    get state() {
      return state
    },
    get reason() {
      return reason
    },
    get isRested() {
      return performance.now() >= tryAgainAt
    },
    allows() {
      if (state === 'closed') return true
      if (performance.now() < tryAgainAt) return false
      // A trial that is never answered is followed by another one.
      rest()
      become('half-open')
      return true
    },
    succeeded() {
      failures = 0
      if (state === 'closed') return
      reason = undefined
      become('closed')
      changed()
    },
    failed(why) {
      failures += 1
      if (failures < failuresToOpen) return
      reason = why
      rest()
      become('open')
    },
  }
}
