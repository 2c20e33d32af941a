import { randomInt } from 'node:crypto'
import { publish } from '../../../events.ts'

/** Keeps calls from a server that answers each of them with the same refusal, or with none. */
export interface Breaker {
  readonly state: 'closed' | 'open' | 'half-open'
  /** The code word of the reply, or the problem, that opened it. */
  readonly reason: string | undefined
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
}

/** Milliseconds until one call may try again, and up to so many more, so that not all processes try at once. */
const restFor = 100

export function breaker({ node, guards, failuresToOpen }: BreakerOptions): Breaker {
  let state: Breaker['state'] = 'closed'
  let reason: string | undefined
  let failures = 0
  let tryAgainAt = 0

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
    allows() {
      if (state === 'closed') return true
      const now = performance.now()
      if (now < tryAgainAt) return false
      // A trial that is never answered is followed by another one.
      tryAgainAt = now + pause()
      become('half-open')
      return true
    },
    succeeded() {
      failures = 0
      if (state === 'closed') return
      reason = undefined
      become('closed')
    },
    failed(why) {
      failures += 1
      if (failures < failuresToOpen) return
      reason = why
      tryAgainAt = performance.now() + pause()
      become('open')
    },
  }
}

function pause(): number {
  return restFor + randomInt(restFor)
}
