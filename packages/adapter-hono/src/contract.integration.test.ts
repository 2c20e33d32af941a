import { memoryStore } from '@holdfast/core/memory'
import { redisStore } from '@holdfast/core/redis'
import { adapterContract } from '@holdfast/core/testing'
import { startRedis, type RedisServer } from '@holdfast/testbed'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { serveContractApp } from '../testing/contract-app.ts'

describe('on memory', () => {
  adapterContract({ describe, test }, { makeStore: () => memoryStore(), serve: serveContractApp })
})

describe('on Redis', () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(async () => redis.close())

  adapterContract({ describe, test }, { makeStore: () => redisStore({ url: redis.url }), serve: serveContractApp })
})
