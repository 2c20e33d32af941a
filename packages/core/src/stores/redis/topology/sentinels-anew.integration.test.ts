import { connectionsNamed, startFaultProxy, startRedis, startSentinels, type RedisServer } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import { anyKey, anyRecord } from '../../../testing/any-record.ts'
import { redisStore } from '../redis-store.ts'

test('Sentinels that are set up anew count their failovers anew, and are followed to another server', async () => {
  const group = await startSentinels({ replicas: 1 })
  onTestFinished(() => group.close())
  const elsewhere = await startRedis()
  onTestFinished(() => elsewhere.close())
  const store = redisStore({ sentinels: group.sentinels.map(({ url }) => url), name: group.name })
  onTestFinished(() => store.close?.())
  const first = await group.primary()
  await store.put(anyKey(), anyRecord(), { expected: null })
  await group.sentinels[0]!.command('SENTINEL', 'FAILOVER', group.name)
  const second = await group.failedOver(first)
  await expect.poll(() => holdsPutOf(second), { timeout: 15_000 }).toBe(true)

  // All of them, before the first is told anew: they tell each other what they know.
  for (const sentinel of group.sentinels) await sentinel.command('SENTINEL', 'REMOVE', group.name)
  for (const sentinel of group.sentinels) await sentinel.command('SENTINEL', 'MONITOR', group.name, '127.0.0.1', elsewhere.port, 2)
  for (const sentinel of group.sentinels)
    expect(String(await sentinel.command('SENTINEL', 'MASTER', group.name))).toMatch(/,config-epoch,0,/)
  await expect.poll(() => holdsPutOf(elsewhere), { timeout: 15_000 }).toBe(true)

  await Promise.all(group.nodes.map((node) => node.kill()))
  expect(await holdsPutOf(elsewhere)).toBe(true)

  /** Whether this server is given a new session. */
  async function holdsPutOf(server: RedisServer): Promise<boolean> {
    const key = anyKey()
    await store.put(key, anyRecord(), { expected: null })
    return (await server.command('EXISTS', `holdfast:${key}`)) === 1
  }
})

test('a Sentinel that was reset, and knows of no replica for now, costs no connection to one', async () => {
  const group = await startSentinels({ replicas: 1, sentinels: 2 })
  onTestFinished(() => group.close())
  const [one, other] = group.sentinels as [RedisServer, RedisServer]
  const proxy = await startFaultProxy(other)
  onTestFinished(() => proxy.close())
  const store = redisStore({ sentinels: [one.url, proxy.url()], name: group.name })
  onTestFinished(() => store.close?.())
  await store.get(anyKey())
  const replica = group.nodes[1] as RedisServer
  await expect.poll(() => connectionsNamed(replica, 'holdfast'), { timeout: 5_000 }).toHaveLength(1)
  const before = await connectionsNamed(replica, 'holdfast')

  let unaware = 0
  proxy.onReply((reply) => {
    if (reply.toString().endsWith('*0\r\n')) unaware += 1
    return 'pass'
  })
  // It asks who follows the primary soon after.
  const reset = (): Promise<unknown> => other.command('SENTINEL', 'RESET', group.name)
  await expect.poll(async () => (await reset()) && unaware, { timeout: 15_000, interval: 50 }).toBeGreaterThanOrEqual(3)
  expect(await connectionsNamed(replica, 'holdfast')).toEqual(before)
})
