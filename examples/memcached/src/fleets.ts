import type { MemcachedStoreOptions } from '@holdfast/core/memcached'

// #region one-node
/** One server: it takes all sessions with it. */
export const oneNode = {
  nodes: ['memcached-1.internal:11211'],
} satisfies MemcachedStoreOptions
// #endregion one-node

// #region three-nodes
/** Three servers, and each session on two of them: one that dies takes none with it. */
export const threeNodes = {
  nodes: ['memcached-1.internal:11211', 'memcached-2.internal:11211', 'memcached-3.internal:11211'],
  copies: 2,
} satisfies MemcachedStoreOptions
// #endregion three-nodes

// #region discover
/** ElastiCache: the configuration endpoint, which tells the nodes, and tells them again when some come or go. */
export const elastiCache = {
  discover: 'sessions.abc123.cfg.euc1.cache.amazonaws.com:11211',
  copies: 2,
} satisfies MemcachedStoreOptions
// #endregion discover
