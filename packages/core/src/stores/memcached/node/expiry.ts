/** The longest time that memcached takes as one from now on, in seconds: a greater number is a date to it (`REALTIME_MAXDELTA`). */
const longestRelative = 30 * 24 * 60 * 60

/** The field has 32 bits: 2106-02-07. */
const latestDate = 2 ** 32 - 1

/**
 * When memcached may drop a record: never before its deadline, also where the clocks of both tick apart, which each have a second for a
 * tick; the deadline itself stands in the record. Seconds from now on where they say enough, since then the server's clock need not be right.
 *
 * @param expiresAt Unix ms
 * @param now Unix ms
 */
export function expirySeconds(expiresAt: number, now: number): number {
  const left = Math.ceil((expiresAt - now) / 1_000) + 1
  // 0 would be for ever.
  if (left <= longestRelative) return Math.max(left, 1)
  return Math.min(Math.ceil(expiresAt / 1_000) + 1, latestDate)
}
