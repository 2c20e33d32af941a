/** How a near cache is doing. */
export interface NearCacheStats {
  /** Copies that are kept, also those that are only for `onUnavailable: 'stale'` by now. */
  readonly entries: number
  /** Estimated as for `maxBytes`. */
  readonly bytes: number
  /** Reads that were answered from here. */
  readonly hits: number
  /** Reads that went to the store. */
  readonly misses: number
  /** How often news may have been lost, so that no copy was answered with any more. */
  readonly emptied: number
}
