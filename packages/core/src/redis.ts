/**
 * Sessions in Redis (6.2 and later) or Valkey, through ioredis 5 or 6: one server, replicas, Sentinels, a Cluster.
 *
 * @module @holdfast/core/redis
 */

export { redisStore } from './stores/redis/redis-store.ts'
export type { RedisClient, RedisStoreOptions } from './stores/redis/redis-store.ts'
