/** Where the time comes from: `Date` as it stands, or `fakeClock()` in tests. */
export interface Clock {
  /** Unix time in milliseconds. */
  now(): number
}

/** The time as the system gives it: the default of every option `clock`. */
export const systemClock: Clock = { now: () => Date.now() }
