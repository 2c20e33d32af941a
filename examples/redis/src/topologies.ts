import type { RedisStoreOptions } from '@holdfast/core/redis'

// #region one-server
/** One server. */
export const oneServer = {
  url: 'redis://redis-1.internal:6379',
} satisfies RedisStoreOptions
// #endregion one-server

// #region replicas
/** A primary with replicas that a person or a service promotes. */
export const withReplicas = {
  url: 'redis://redis-1.internal:6379',
  replicas: ['redis://redis-2.internal:6379', 'redis://redis-3.internal:6379'],
} satisfies RedisStoreOptions
// #endregion replicas

// #region sentinel
/** A primary with replicas, and Sentinels that promote one of them. */
export const behindSentinels = {
  sentinels: ['redis://redis-1.internal:26379', 'redis://redis-2.internal:26379', 'redis://redis-3.internal:26379'],
  name: 'sessions',
} satisfies RedisStoreOptions
// #endregion sentinel

// #region cluster
/** A Redis Cluster: some of its nodes, from whom the store hears of the others. */
export const onCluster = {
  cluster: ['redis://redis-1.internal:6379', 'redis://redis-2.internal:6379', 'redis://redis-3.internal:6379'],
} satisfies RedisStoreOptions
// #endregion cluster

// #region elasticache-disabled
/** ElastiCache, cluster mode disabled: the primary endpoint and the reader endpoint. */
export const elastiCache = {
  url: 'rediss://master.sessions.abc123.euc1.cache.amazonaws.com:6379',
  replicas: ['rediss://replica.sessions.abc123.euc1.cache.amazonaws.com:6379'],
} satisfies RedisStoreOptions
// #endregion elasticache-disabled

// #region elasticache-enabled
/** ElastiCache, cluster mode enabled: the configuration endpoint. */
export const elastiCacheCluster = {
  cluster: ['rediss://clustercfg.sessions.abc123.euc1.cache.amazonaws.com:6379'],
} satisfies RedisStoreOptions
// #endregion elasticache-enabled
