/** Where the time comes from: `Date` as it stands, or `fakeClock()` in tests. */
export interface Clock {
  /** Unix time in milliseconds. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }
