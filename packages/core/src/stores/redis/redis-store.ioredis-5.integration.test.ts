import { startRedis } from '@holdfast/testbed'
import { afterAll, describe, test, vi } from 'vitest'
import { storeContract } from '../../testing/store-contract.ts'

// The real ioredis 5 in the place of ioredis 6.
vi.mock('ioredis', () => import('ioredis-5'))
const { redisStore } = await import('./redis-store.ts')

const redis = await startRedis()
afterAll(() => redis.close())

describe('a connection of its own (ioredis 5)', () => {
  storeContract({ describe, test }, () => redisStore({ url: redis.url }))
})
