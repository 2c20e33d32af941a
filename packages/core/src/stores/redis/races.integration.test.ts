import { startFaultProxy, startRedis, type RedisServer } from '@holdfast/testbed'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { countWithLostReplies } from '../../testing/lost-replies.ts'
import { raceContract } from '../../testing/race-contract.ts'
import { redisStore } from './redis-store.ts'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(async () => redis.close())

raceContract({ describe, test }, () => redisStore({ url: redis.url }))

test('F9: 50 increments give exactly 50 when every tenth packet of replies is lost with its connection, after Redis had applied it', async () => {
  const proxy = await startFaultProxy(redis)
  expect(await countWithLostReplies(redisStore({ url: proxy.url('redis') }), proxy)).toEqual([50, true])
  await proxy.close()
})
