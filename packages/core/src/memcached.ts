/**
 * Sessions in memcached (1.4 and later), through memjs 1.3: one server, several with copies, or the nodes of an ElastiCache cluster.
 *
 * @module @holdfast/core/memcached
 */

export { memcachedStore } from './stores/memcached/memcached-store.ts'
export type {
  MemcachedNode,
  MemcachedNodeStats,
  MemcachedServerStats,
  MemcachedStore,
  MemcachedStoreOptions,
} from './stores/memcached/memcached-store.ts'
export type { RingNodeStatus, RingOptions } from './resilience/ring/ring-options.ts'
