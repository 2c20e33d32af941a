/**
 * Sessions on one Redis (6.2 and later) or Valkey, through ioredis 5 or 6.
 *
 * @module @holdfast/core/redis
 */

export { redisStore } from './stores/redis/redis-store.ts'
export type { RedisClient, RedisStoreOptions } from './stores/redis/redis-store.ts'
