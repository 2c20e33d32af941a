import { createSessions } from '@holdfast/core'
import { redisStore, type RedisStoreOptions } from '@holdfast/core/redis'
import { freePort, startRedis, startRedisCluster, startReplicatedRedis, startSentinels } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import { elsewhere } from './elsewhere.ts'
import { behindSentinels, elastiCacheCluster, onCluster, oneServer, withReplicas } from './topologies.ts'

// Each option object of the page, on servers of this machine in the place of those that it names, one of which dies.

function open(options: RedisStoreOptions) {
  const store = redisStore(options)
  const sessions = createSessions<{ visits: number }>({
    store,
    secrets: ['only for the test of the examples'],
    initial: () => ({ visits: 0 }),
  })
  onTestFinished(() => sessions.close())
  return sessions
}

async function started<Servers extends { close(): Promise<void> }>(starting: Promise<Servers>): Promise<Servers> {
  const servers = await starting
  onTestFinished(() => servers.close())
  return servers
}

/** The URLs of servers for the hosts that the options name. */
function places(hosts: readonly string[], servers: readonly { readonly url: string }[]): Record<string, string> {
  return Object.fromEntries(hosts.map((host, at) => [host, servers[at]!.url]))
}

const [first, second, third] = ['redis-1.internal', 'redis-2.internal', 'redis-3.internal'] as const
const hosts = [`${first}:6379`, `${second}:6379`, `${third}:6379`]

test('one server: while it is away there are no sessions, and afterwards they are there again', async () => {
  const redis = await started(startRedis({ appendonly: true }))
  const sessions = open(elsewhere(oneServer, places(hosts.slice(0, 1), [redis])))
  const { cookie } = await sessions.create({ visits: 1 })
  await redis.kill()
  await expect(sessions.open(cookie).load()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
  expect(sessions.health().status).not.toBe('up')
  await redis.restart()
  await sessions.ready()
  expect((await sessions.open(cookie).load()).data).toEqual({ visits: 1 })
})

test('a primary with replicas: reads go on without it, and changes once somebody has promoted a replica', async () => {
  const { primary, replicas } = await started(startReplicatedRedis())
  const sessions = open(elsewhere(withReplicas, places(hosts, [primary, ...replicas])))
  const { cookie, session } = await sessions.create({ visits: 0 })
  session.data.visits = 1
  await session.save({ durability: { replicas: 2, withinTimeout: 5_000 } })
  await primary.kill()
  expect((await sessions.open(cookie).load()).data).toEqual({ visits: 1 })

  session.data.visits = 2
  await expect(session.save()).rejects.toMatchObject({ status: 503 })
  await replicas[0]!.command('REPLICAOF', 'NO', 'ONE')
  await sessions.ready()
  await session.save()
  expect((await sessions.open(cookie).load({ fresh: true })).data).toEqual({ visits: 2 })
})

test('behind Sentinels: reads go on without the primary, and changes once the Sentinels have promoted a replica', async () => {
  const group = await started(startSentinels({ name: behindSentinels.name }))
  const sentinelHosts = [first, second, third].map((host) => `${host}:26379`)
  const sessions = open(elsewhere(behindSentinels, places(sentinelHosts, group.sentinels)))
  const { cookie, session } = await sessions.create({ visits: 0 })
  session.data.visits = 1
  await session.save({ durability: { replicas: 2, withinTimeout: 5_000 } })
  const primary = await group.primary()
  await primary.kill()
  expect((await sessions.open(cookie).load()).data).toEqual({ visits: 1 })
  await group.failedOver(primary)
  session.data.visits = 2
  await session.save()
  expect((await sessions.open(cookie).load()).data).toEqual({ visits: 2 })
})

test.each([
  ['some of its nodes', onCluster, hosts],
  ['a configuration endpoint', elastiCacheCluster, [new URL(elastiCacheCluster.cluster[0]!).host]],
])('a Cluster, found by %s: reads go on without their primary, and changes once its replica has taken over', async (...row) => {
  const [, options, names] = row
  const cluster = await started(startRedisCluster())
  const sessions = open(elsewhere(options, places(names, cluster.nodes)))
  const { cookie, session } = await sessions.create({ visits: 0 })
  session.data.visits = 1
  await session.save({ durability: { replicas: 1, withinTimeout: 5_000 } })
  const { primary } = await cluster.shardOf(`holdfast:${session.id}`)
  await primary.kill()
  expect((await sessions.open(cookie).load()).data).toEqual({ visits: 1 })
  await cluster.failedOver(primary)
  session.data.visits = 2
  await session.save()
  expect((await sessions.open(cookie).load()).data).toEqual({ visits: 2 })
})

test('the store says why it does not answer', async () => {
  const port = await freePort()
  const messageFrom = async (options: RedisStoreOptions): Promise<string> => {
    const said: string[] = []
    const console = { log: (text: string) => void said.push(text) }
    // #region why
    const store = redisStore(options)
    await store.get('why').catch(({ message }: Error) => console.log(message))
    await store.close?.()
    // #endregion why
    return said.join('').replaceAll(/127\.0\.0\.1:\d+/g, 'redis-1.internal')
  }
  expect(await messageFrom({ url: `redis://127.0.0.1:${port}` })).toBe(
    'Redis at redis-1.internal is not ready (ECONNREFUSED). Check that it runs and can be reached.',
  )
  const group = await started(startSentinels({ replicas: 1, sentinels: 1 }))
  expect(await messageFrom({ sentinels: [group.sentinels[0]!.url], name: 'session' })).toBe(
    'No Sentinel has named a primary (Sentinel at redis-1.internal: it knows no primary of the name "session"). Check sentinels and name.',
  )
})
