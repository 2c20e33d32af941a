import { redisStore } from '@holdfast/core/redis'
import { adapterContract } from '@holdfast/core/testing'
import { startRedis, type RedisServer } from '@holdfast/testbed'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { harnesses } from './harnesses.ts'

// #region contract
let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.close())

for (const [name, serve] of Object.entries(harnesses)) {
  describe(`${name}, on Redis`, () => {
    adapterContract({ describe, test }, { serve, makeStore: () => redisStore({ url: redis.url }) })
  })
}
// #endregion contract
