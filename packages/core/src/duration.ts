/**
 * Durations for options: everything in the API is in milliseconds.
 *
 * @example
 * createSessions({ idleTimeout: minutes(30), absoluteTimeout: hours(12), ... })
 */
export function seconds(n: number): number {
  return n * 1_000
}

/** So many minutes, in milliseconds: `minutes(30)`. */
export function minutes(n: number): number {
  return seconds(n * 60)
}

/** So many hours, in milliseconds: `hours(12)`. */
export function hours(n: number): number {
  return minutes(n * 60)
}

/** So many days of 24 hours, in milliseconds: `days(30)`. */
export function days(n: number): number {
  return hours(n * 24)
}
