import type { Clock } from '../clock.ts'

/** A clock that stands still until it is moved. */
export interface FakeClock extends Clock {
  /** Moves on by so many milliseconds; negative: back. */
  advance(milliseconds: number): void
  /** Jumps to an instant, in Unix milliseconds. */
  set(at: number): void
}

/**
 * A clock for tests of expiry. `start` in Unix milliseconds; default: the time it is made, which a real store's own
 * clock agrees with.
 *
 * @example
 * const clock = fakeClock()
 * const sessions = createSessions({ clock, store: memoryStore({ clock }), idleTimeout: minutes(30), ... })
 * clock.advance(minutes(31))
 */
export function fakeClock(start: number = Date.now()): FakeClock {
  let now = start
  return {
    now: () => now,
    advance(milliseconds) {
      now += milliseconds
    },
    set(at) {
      now = at
    },
  }
}
