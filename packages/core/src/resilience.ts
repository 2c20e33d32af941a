export { ring } from './resilience/ring/ring.ts'
export type { RingNode, RingNodeStatus, RingOptions, RingStore } from './resilience/ring/ring-options.ts'
