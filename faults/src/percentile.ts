/** The value below which so many of 100 lie, by the nearest rank; undefined of none. */
export function percentile(values: readonly number[], of100: number): number | undefined {
  if (values.length === 0) return undefined
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.max(0, Math.ceil((of100 / 100) * sorted.length) - 1)]
}

/** The longest stretch of [from, to] without any of these instants. */
export function longestGap(instants: readonly number[], from: number, to: number): number {
  const inside = instants.filter((instant) => from < instant && instant < to).toSorted((one, other) => one - other)
  let longest = 0
  let last = from
  for (const instant of [...inside, to]) {
    longest = Math.max(longest, instant - last)
    last = instant
  }
  return longest
}
