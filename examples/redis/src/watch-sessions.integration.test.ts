import { createSessions } from '@holdfast/core'
import { redisStore } from '@holdfast/core/redis'
import { listen, startRedis, startSentinels } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import { probes } from './probes.ts'
import { watchSessions, type Metrics } from './watch-sessions.ts'

interface Data {
  visits: number
}
const secrets = ['only for the test of the examples']
const initial = (): Data => ({ visits: 0 })

/** Sums by name and labels, the values only: `session_hedges 127.0.0.1:6379 down`. */
function sums(): Metrics & { readonly counted: Map<string, number>; readonly gauges: Map<string, number> } {
  const counted = new Map<string, number>()
  const gauges = new Map<string, number>()
  return {
    counted,
    gauges,
    count(name, labels = {}, by = 1) {
      const key = [name, ...Object.values(labels)].join(' ')
      counted.set(key, (counted.get(key) ?? 0) + by)
    },
    gauge: (name, value) => void gauges.set(name, value),
  }
}

test('a failover is counted: who was asked instead, whose breaker opened, who took over', async () => {
  const group = await startSentinels()
  onTestFinished(() => group.close())
  const metrics = sums()
  onTestFinished(watchSessions(metrics))
  const store = redisStore({ sentinels: group.sentinels.map(({ url }) => url), name: group.name })
  const sessions = createSessions<Data>({ store, secrets, initial, durability: { replicas: 2, withinTimeout: 5_000 } })
  onTestFinished(() => sessions.close())
  const { cookie, session } = await sessions.create({ visits: 1 })

  const from = await group.primary()
  const name = ({ host, port }: { host: string; port: number }): string => `${host}:${port}`
  await from.kill()
  await sessions.open(cookie).load()
  expect([...metrics.counted.keys()]).toContainEqual(expect.stringContaining(`session_hedges ${name(from)}`))
  await expect.poll(() => metrics.gauges.get('session_breakers_open')).toBeGreaterThan(0)

  const to = await group.failedOver(from)
  session.data.visits = 2
  await session.save({ durability: 'replicated' })
  expect(metrics.counted.get(`session_failovers ${name(to)}`)).toBe(1)
  expect(metrics.counted.get('session_commits create none')).toBe(1)
  expect(metrics.counted.get('session_commits change none')).toBe(1)
  expect(metrics.counted.get('session_loads live none')).toBe(1)
})

test('probes: ready while the store answers, health from what it was asked anyway', async () => {
  const redis = await startRedis()
  onTestFinished(() => redis.close())
  const sessions = createSessions<Data>({ store: redisStore({ url: redis.url }), secrets, initial })
  onTestFinished(() => sessions.close())
  const { url, close } = await listen(probes(sessions as never))
  onTestFinished(close)
  const status = async (): Promise<number> => (await fetch(`${url}/ready`)).status
  expect(await status()).toBe(200)
  expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: 'up' })
  await redis.kill()
  expect(await status()).toBe(503)
  expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: 'down' })
})
