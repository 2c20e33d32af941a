export { memcachedStore } from './stores/memcached/memcached-store.ts'
export type {
  MemcachedNode,
  MemcachedNodeStats,
  MemcachedServerStats,
  MemcachedStore,
  MemcachedStoreOptions,
} from './stores/memcached/memcached-store.ts'
export type { RingNodeStatus, RingOptions } from './resilience/ring/ring-options.ts'
