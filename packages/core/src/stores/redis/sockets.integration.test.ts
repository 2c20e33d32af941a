import { connectionsNamed, startRedisCluster, startReplicatedRedis, startSentinels, type RedisServer } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import type { SessionStore } from '../../record/store.ts'
import { anyKey, anyRecord } from '../../testing/any-record.ts'
import { redisStore, type RedisStoreOptions } from './redis-store.ts'

// A little more than other things of the machine may hold up.
const waiting = { timeout: 10_000 }

async function opened(options: RedisStoreOptions): Promise<SessionStore> {
  const store = redisStore(options)
  onTestFinished(() => store.close?.())
  for (let call = 0; call < 50; call += 1) await store.get(anyKey())
  await Promise.all(Array.from({ length: 50 }, () => store.put(anyKey(), anyRecord(), { expected: null })))
  return store
}

async function socketsOf(servers: readonly RedisServer[]): Promise<number[]> {
  const named = async (server: RedisServer, name: string): Promise<number> => (await connectionsNamed(server, name)).length
  return Promise.all(servers.map(async (server) => (await named(server, 'holdfast')) + (await named(server, 'holdfast-confirming'))))
}

async function putConfirmed(store: SessionStore): Promise<void> {
  const durability = { replicas: 1, withinTimeout: 5_000 }
  await Promise.all(Array.from({ length: 50 }, () => store.put(anyKey(), anyRecord(), { expected: null, durability })))
}

test('a primary and replicas: one to each server, and four more at most to the primary for changes that wait for replicas', async () => {
  const { primary, replicas, close } = await startReplicatedRedis({ replicas: 2 })
  onTestFinished(close)
  const servers = [primary, ...replicas]
  const store = await opened({ url: primary.url, replicas: replicas.map(({ url }) => url) })
  await expect.poll(() => socketsOf(servers), waiting).toEqual([1, 1, 1])
  for (let round = 0; round < 3; round += 1) await putConfirmed(store)
  const [toPrimary, ...toReplicas] = await socketsOf(servers)
  expect([toPrimary! > 1, toPrimary! <= 5, ...toReplicas]).toEqual([true, true, 1, 1])
  await store.close?.()
  await expect.poll(() => socketsOf(servers), waiting).toEqual([0, 0, 0])
})

test('Sentinels: one to each server, and two to each Sentinel', async () => {
  const group = await startSentinels({ replicas: 1 })
  onTestFinished(() => group.close())
  const store = await opened({ sentinels: group.sentinels.map(({ url }) => url), name: group.name })
  await expect.poll(() => socketsOf([...group.nodes, ...group.sentinels]), waiting).toEqual([1, 1, 2, 2, 2])
  await store.close?.()
  await expect.poll(() => socketsOf([...group.nodes, ...group.sentinels]), waiting).toEqual([0, 0, 0, 0, 0])
})

test('a Cluster: one to each node', async () => {
  const cluster = await startRedisCluster()
  onTestFinished(() => cluster.close())
  const store = await opened({ cluster: cluster.urls.slice(0, 2) })
  await expect.poll(() => socketsOf(cluster.nodes), waiting).toEqual([1, 1, 1, 1, 1, 1])
  await store.close?.()
  await expect.poll(() => socketsOf(cluster.nodes), waiting).toEqual([0, 0, 0, 0, 0, 0])
})
