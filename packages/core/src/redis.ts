export { redisStore } from './stores/redis/redis-store.ts'
export type { RedisClient, RedisStoreOptions } from './stores/redis/redis-store.ts'
