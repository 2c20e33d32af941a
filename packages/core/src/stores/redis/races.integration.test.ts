import { startFaultProxy, startRedis, type RedisServer } from '@holdfast/testbed'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSessions } from '../../session/manager.ts'
import { browser } from '../../testing/browser.ts'
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
  const sessions = createSessions<{ count: number }>({
    store: redisStore({ url: proxy.url('redis') }),
    secrets: ['a secret of at least thirty-two bytes'],
    initial: () => ({ count: 0 }),
    operationTimeout: 10_000,
    requestTimeout: 30_000,
  })
  const tab = browser(sessions)
  await tab.visit((session) => session.regenerate({ subject: 'u1' }))
  let packets = 0
  let lost = 0
  proxy.onReply(() => {
    if (++packets % 10 !== 0) return 'pass'
    lost++
    return 'cut'
  })
  await Promise.all(Array.from({ length: 50 }, async () => tab.visit((session) => session.update((data) => void (data.count += 1)))))
  await proxy.heal()
  const { answer } = await tab.visit((session) => session.data.count)
  expect([answer, lost > 0]).toEqual([50, true])
  await sessions.close()
  await proxy.close()
})
