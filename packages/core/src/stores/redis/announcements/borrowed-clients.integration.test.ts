import { connectionsNamed, startRedis, startRedisCluster, type RedisCluster, type RedisServer } from '@holdfast/testbed'
import { Cluster, Redis } from 'ioredis'
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { SessionStore } from '../../../record/store.ts'
import { anyKey } from '../../../testing/any-record.ts'
import { changeLog, type ChangeLog } from '../../../testing/change-log.ts'
import type { RedisClient } from '../node/redis-client.ts'
import { redisStore } from '../redis-store.ts'

const name = 'holdfast-changes'
const waiting = { timeout: 15_000 }

function open(client: RedisClient & { disconnect(): void }): SessionStore {
  const store = redisStore({ client })
  onTestFinished(async () => {
    await store.close?.()
    client.disconnect()
  })
  return store
}

async function listening(store: SessionStore, other = store): Promise<ChangeLog> {
  const log = changeLog(store)
  await store.get(anyKey())
  await log.hears(other)
  return log
}

async function killed(servers: readonly RedisServer[]): Promise<void> {
  for (const server of servers) for (const id of await connectionsNamed(server, name)) await server.command('CLIENT', 'KILL', 'ID', id)
}

async function countOn(servers: readonly RedisServer[]): Promise<number> {
  return (await Promise.all(servers.map((server) => connectionsNamed(server, name)))).flat().length
}

describe.each([
  ['ioredis 6', Redis],
  ['ioredis 5', Redis5 as unknown as typeof Redis],
])('a client of %s', (_, Client) => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.close())

  test('is doubled for what is announced, and the double is ours to close', async () => {
    const client = new Client(redis.url)
    const store = open(client)
    await listening(store, redisStoreAt(redis))
    expect(await countOn([redis])).toBe(1)
    await store.close?.()
    await expect.poll(() => countOn([redis]), waiting).toBe(0)
    expect(client.status).toBe('ready')
  })

  test('whatever its options are: lazy, without a queue, in another database, with a prefix of its own', async () => {
    const client = new Client(`${redis.url}/2`, { lazyConnect: true, enableOfflineQueue: false, keyPrefix: 'app:', stringNumbers: true })
    const store = open(client)
    const log = changeLog(store)
    client.connect().catch(() => {})
    await expect.poll(() => store.get(anyKey()).catch(String), waiting).toBeNull()
    await log.hears(store)
    await log.hears(redisStoreAt(redis))
  })

  test('a double that loses its connection says so, and makes another', async () => {
    const log = await listening(open(new Client(redis.url, { retryStrategy: () => null })))
    const before = log.lost
    await killed([redis])
    await expect.poll(() => log.lost, waiting).toBeGreaterThanOrEqual(before + 2)
    await log.hears(redisStoreAt(redis))
  })

  test('once its client is closed by whom it belongs to, the double is too; it is back when the client is', async () => {
    const client = new Client(redis.url)
    const log = await listening(open(client))
    const before = log.lost
    client.disconnect()
    await expect.poll(() => countOn([redis]), waiting).toBe(0)
    expect(log.lost).toBeGreaterThan(before)
    await client.connect()
    await log.hears(redisStoreAt(redis))
  })

  test('one that cannot be doubled announces changes, and cannot be listened to', async () => {
    const client = new Client(redis.url)
    const poor = new Proxy(client, {
      get: (target, property) => (property === 'duplicate' ? undefined : Reflect.get(target, property, target)),
    })
    const store = open(poor as never)
    expect(store.onChange).toBeUndefined()
    const other = redisStoreAt(redis)
    const log = await listening(other)
    await log.hears(store)
  })
})

describe.each([
  ['ioredis 6', Cluster],
  ['ioredis 5', Cluster5 as unknown as typeof Cluster],
])('a Cluster of %s', (_, Client) => {
  let cluster: RedisCluster
  beforeAll(async () => {
    cluster = await startRedisCluster()
  })
  afterAll(() => cluster.close())

  function opened(): SessionStore {
    return open(new Client(cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port }))))
  }

  test('hears of changes on all its nodes over one connection, and says when that is lost', async () => {
    const store = opened()
    const log = await listening(store)
    for (let time = 0; time < 10; time += 1) await log.hears(store)
    expect(await countOn(cluster.nodes)).toBe(1)
    const before = log.lost
    await killed(cluster.nodes)
    await expect.poll(() => log.lost, waiting).toBeGreaterThanOrEqual(before + 2)
    await log.hears(store)
    await store.close?.()
    await expect.poll(() => countOn(cluster.nodes), waiting).toBe(0)
  })

  test('goes to another node when the one that it listens to dies', { timeout: 60_000 }, async () => {
    const store = opened()
    const log = await listening(store)
    const counts = await Promise.all(cluster.nodes.map((node) => countOn([node])))
    const node = cluster.nodes[counts.indexOf(1)]!
    const before = log.lost
    await node.kill()
    await expect.poll(() => log.lost, waiting).toBeGreaterThan(before)
    await cluster.failedOver(node)
    await log.hears(store)
    await node.restart()
    await cluster.settled()
  })
})

function redisStoreAt(server: RedisServer): SessionStore {
  const store = redisStore({ url: server.url })
  onTestFinished(() => store.close?.())
  return store
}
