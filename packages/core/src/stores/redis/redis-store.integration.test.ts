import { startRedis } from '@holdfast/testbed'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis-5'
import { afterAll, describe, test } from 'vitest'
import { storeContract } from '../../testing/store-contract.ts'
import { redisStore } from './redis-store.ts'

const redis = await startRedis()
const clients = [
  new Redis(redis.url),
  new Redis5(redis.url),
  new Redis(redis.url, { lazyConnect: true, enableAutoPipelining: true, keyPrefix: 'app:' }),
] as const
afterAll(async () => {
  await Promise.all(clients.map(async (client) => client.quit()))
  await redis.close()
})

describe('a connection of its own (ioredis 6)', () => {
  storeContract({ describe, test }, () => redisStore({ url: redis.url }))
})

describe('a client of ioredis 6 that is handed in', () => {
  storeContract({ describe, test }, () => redisStore({ client: clients[0] }))
})

describe('a client of ioredis 5 that is handed in', () => {
  storeContract({ describe, test }, () => redisStore({ client: clients[1] }))
})

describe('a lazy client with options of its own', () => {
  storeContract({ describe, test }, () => redisStore({ client: clients[2], prefix: 'sessions:' }))
})
