/**
 * Functions from stores to a store.
 *
 * @module @holdfast/core/resilience
 */

export { backedUp } from './resilience/backed-up/backed-up.ts'
export type { BackedUpStore, PendingChanges } from './resilience/backed-up/backed-up.ts'
export type { BackedUpOptions } from './resilience/backed-up/backed-up-options.ts'
export { nearCache } from './resilience/near-cache/near-cache.ts'
export type { NearCache } from './resilience/near-cache/near-cache.ts'
export type { NearCacheOptions } from './resilience/near-cache/near-cache-options.ts'
export type { NearCacheStats } from './resilience/near-cache/near-cache-stats.ts'
export { ring } from './resilience/ring/ring.ts'
export type { RingNode, RingNodeStatus, RingOptions, RingStore } from './resilience/ring/ring-options.ts'
