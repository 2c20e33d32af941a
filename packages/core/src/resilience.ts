/**
 * Functions from stores to a store.
 *
 * @module @holdfast/core/resilience
 */

export { ring } from './resilience/ring/ring.ts'
export type { RingNode, RingNodeStatus, RingOptions, RingStore } from './resilience/ring/ring-options.ts'
