import { setTimeout as sleep } from 'node:timers/promises'
import {
  connectionsNamed,
  startFaultProxy,
  type FaultProxy,
  startRedis,
  startRedisCluster,
  startReplicatedRedis,
  startSentinels,
  type RedisServer,
  type RedisShard,
} from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import type { PutResult, SessionStore } from '../../../record/store.ts'
import { anyKey, anyRecord } from '../../../testing/any-record.ts'
import { changeLog, type ChangeLog } from '../../../testing/change-log.ts'
import { redisStore, type RedisStoreOptions } from '../redis-store.ts'

const waiting = { timeout: 15_000 }

interface Watched {
  readonly log: ChangeLog
  /** The store of another process. */
  readonly other: SessionStore
  /** How many changes were acknowledged so far. */
  readonly done: number
  /** Ends the load; resolves once each acknowledged change was told, or that news were lost after it. Answers how many were told. */
  settled(): Promise<number>
}

/** One store listens, and only reads; another one changes sessions all the time. */
async function watched(place: RedisStoreOptions, elsewhere = place): Promise<Watched> {
  const [store, other] = [redisStore(place), redisStore(elsewhere)]
  onTestFinished(async () => void (await Promise.all([store.close?.(), other.close?.()])))
  const log = changeLog(store)
  await store.get(anyKey())
  await log.hears(other)
  const acknowledged: { readonly key: string; readonly version: string; readonly toldBefore: number }[] = []
  let isOver = false

  async function write(): Promise<void> {
    const key = anyKey()
    let expected: string | null = null
    while (!isOver) {
      const record = anyRecord(expected)
      // Not when it is acknowledged: a change just before the listener subscribed is no news to it, and "lost", which covers that, may be
      // read from its own socket before the acknowledgement is from this one.
      const toldBefore = log.all.length
      const result: PutResult | undefined = await other
        .put(key, record, { expected, signal: AbortSignal.timeout(200) })
        .catch(() => undefined)
      if (result?.stored === true) {
        acknowledged.push({ key, version: record.version, toldBefore })
        expected = record.version
      } else if (result !== undefined) expected = result.current?.version ?? null
      await sleep(5)
    }
  }

  const load = Array.from({ length: 20 }, write)
  return {
    log,
    other,
    get done() {
      return acknowledged.length
    },
    async settled() {
      isOver = true
      await Promise.all(load)
      const told = acknowledged.filter(({ key, version }) => log.has(key, version))
      const missed = acknowledged.filter((change) => !told.includes(change))
      const unknown = () => missed.filter(({ key, version, toldBefore }) => !log.has(key, version) && !log.all.includes('lost', toldBefore))
      await expect.poll(unknown, waiting).toEqual([])
      return told.length
    },
  }
}

/** More changes, which are told. */
async function goesOn(watch: Watched): Promise<void> {
  await watch.log.hears(watch.other)
  const before = watch.done
  await expect.poll(() => watch.done, waiting).toBeGreaterThan(before + 50)
}

test('no change is missed without a word while nothing is wrong', async () => {
  const redis = await startRedis()
  onTestFinished(() => redis.close())
  const watch = await watched({ url: redis.url })
  const { lost } = watch.log
  await goesOn(watch)
  const told = await watch.settled()
  await expect.poll(() => watch.log.lost).toBe(lost)
  expect(told).toBeGreaterThan(50)
})

test('a primary dies, and somebody promotes its replica', async () => {
  const { primary, replicas, close } = await startReplicatedRedis({ replicas: 1 })
  onTestFinished(close)
  const [replica] = replicas as [RedisServer]
  const watch = await watched({ url: primary.url, replicas: [replica.url] })
  await goesOn(watch)
  await primary.kill()
  await replica.command('REPLICAOF', 'NO', 'ONE')
  await goesOn(watch)
  await watch.settled()
})

test('a primary becomes a replica of its replica, and cuts no connection', async () => {
  const { primary, replicas, close } = await startReplicatedRedis({ replicas: 1 })
  onTestFinished(close)
  const [replica] = replicas as [RedisServer]
  const watch = await watched({ url: primary.url, replicas: [replica.url] })
  await goesOn(watch)
  await replica.command('REPLICAOF', 'NO', 'ONE')
  await primary.command('REPLICAOF', '127.0.0.1', replica.port)
  await goesOn(watch)
  await watch.settled()
})

test.each([
  ['cut off', (proxy: FaultProxy) => [proxy.refuse(), proxy.cut()]],
  ['stalled', (proxy: FaultProxy) => proxy.stall()],
])('who listens is %s for a while, and others are not', async (_, fail) => {
  const redis = await startRedis()
  const proxy = await startFaultProxy(redis)
  onTestFinished(async () => void (await Promise.all([redis.close(), proxy.close()])))
  const watch = await watched({ url: proxy.url() }, { url: redis.url })
  await goesOn(watch)
  fail(proxy)
  const before = watch.done
  await expect.poll(() => watch.done, waiting).toBeGreaterThan(before + 500)
  await proxy.heal()
  await goesOn(watch)
  await watch.settled()
})

test('a name leads to another server', async () => {
  const [one, other] = await Promise.all([startRedis(), startRedis()])
  const proxy = await startFaultProxy(one)
  onTestFinished(async () => void (await Promise.all([one.close(), other.close(), proxy.close()])))
  const watch = await watched({ url: proxy.url() })
  await goesOn(watch)
  proxy.leadTo(other)
  proxy.cut()
  await goesOn(watch)
  await watch.settled()
})

test.each([
  ['dies', async (primary: RedisServer) => primary.kill()],
  ['hangs', async (primary: RedisServer) => primary.pause()],
  [
    'lives, and is replaced all the same',
    async (_: RedisServer, sentinel: RedisServer, name: string) => sentinel.command('SENTINEL', 'FAILOVER', name),
  ],
])('a primary that Sentinels watch %s', { timeout: 60_000 }, async (_, fail) => {
  const group = await startSentinels({ replicas: 1, sentinels: 1, downAfter: 500 })
  onTestFinished(() => group.close())
  const watch = await watched({ sentinels: group.sentinels.map(({ url }) => url), name: group.name })
  await goesOn(watch)
  const first = await group.primary()
  await group.settled()
  await fail(first, group.sentinels[0]!, group.name)
  await group.failedOver(first)
  await goesOn(watch)
  await watch.settled()
})

test('a Cluster: changes of each shard are told, and none is missed without a word when a primary dies', { timeout: 60_000 }, async () => {
  const cluster = await startRedisCluster()
  onTestFinished(() => cluster.close())
  const watch = await watched({ cluster: cluster.urls.slice(0, 1) }, { cluster: cluster.urls.slice(1, 2) })
  for (const { primary } of await cluster.shards()) {
    const [key, record] = [await keyOn(primary), anyRecord()]
    expect(await watch.other.put(key, record, { expected: null })).toEqual({ stored: true })
    await expect.poll(() => watch.log.has(key, record.version), waiting).toBe(true)
  }
  await goesOn(watch)
  const [{ primary }] = (await cluster.shards()) as readonly [RedisShard]
  await primary.kill()
  const promoted = await cluster.failedOver(primary)
  await goesOn(watch)
  const [key, record] = [await keyOn(promoted), anyRecord()]
  await expect.poll(() => watch.other.put(key, record, { expected: null }).catch(() => {}), waiting).toEqual({ stored: true })
  await expect.poll(() => watch.log.has(key, record.version) || watch.log.all.at(-1) === 'lost', waiting).toBe(true)
  await watch.settled()
})

test('a large Cluster: three of its nodes are listened to, and changes on all of them are told', async () => {
  const cluster = await startRedisCluster({ shards: 5, replicasPerShard: 0 })
  onTestFinished(() => cluster.close())
  const watch = await watched({ cluster: cluster.urls.slice(0, 1) })
  const counts = async (): Promise<number[]> =>
    Promise.all(cluster.nodes.map(async (node) => (await connectionsNamed(node, 'holdfast-changes')).length))
  await expect.poll(async () => (await counts()).toSorted((one, other) => one - other), waiting).toEqual([0, 0, 1, 1, 1])
  for (const { primary } of await cluster.shards()) {
    const [key, record] = [await keyOn(primary), anyRecord()]
    expect(await watch.other.put(key, record, { expected: null })).toEqual({ stored: true })
    await expect.poll(() => watch.log.has(key, record.version), waiting).toBe(true)
  }
  await goesOn(watch)
  await watch.settled()
})

async function keyOn(primary: RedisServer): Promise<string> {
  for (;;) {
    const key = anyKey()
    if ((await primary.command('GET', `holdfast:${key}`).catch(() => 'elsewhere')) === null) return key
  }
}
