import { startRedis, type RedisServer } from '@holdfast/testbed'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { raceContract } from '../../testing/race-contract.ts'
import { redisStore } from './redis-store.ts'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(async () => redis.close())

raceContract({ describe, test }, () => redisStore({ url: redis.url }))
