import { startRedisCluster, startReplicatedRedis, startSentinels, type RedisServer } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import { anyKey, anyRecord } from '../../../testing/any-record.ts'
import { changeLog } from '../../../testing/change-log.ts'
import { redisStore, type RedisStoreOptions } from '../redis-store.ts'

// What the documentation says that a user needs.
const keys = ['~holdfast:*']
const calls = ['+get', '+del', '+eval', '+evalsha', '+time', '+info', '+client|setname']
const insideScripts = ['+getrange', '+set', '+pexpireat', '+strlen', '+setrange']
const announcing = ['&holdfast:changes', '+publish', '+subscribe']
const waiting = ['+wait']
const ofCluster = ['+cluster|slots', '+cluster|nodes', '+readonly', '+readwrite', '+asking']
const ofSentinel = ['+sentinel|master', '+sentinel|get-master-addr-by-name', '+sentinel|replicas', '+subscribe', '&+switch-master']

async function allow(servers: readonly RedisServer[], permissions: readonly string[]): Promise<void> {
  for (const server of servers) await server.command('ACL', 'SETUSER', 'app', 'reset', 'on', '>secret', 'resetchannels', ...permissions)
}

async function refusalsOf(servers: readonly RedisServer[]): Promise<string[]> {
  const logs = await Promise.all(servers.map((server) => server.command('ACL', 'LOG')))
  return logs.flatMap((log) => (log as string[][]).map((entry) => `${entry[5]} ${entry[7]}`))
}

async function callEverything(options: RedisStoreOptions): Promise<void> {
  const store = redisStore({ ...options, username: 'app', password: 'secret', readFrom: 'replica' })
  onTestFinished(() => store.close?.())
  const key = anyKey()
  const [first, second] = [anyRecord(), anyRecord('0000000001.a')]
  const durability = { replicas: 1, withinTimeout: 5_000 }
  expect(await store.put(key, first, { expected: null })).toEqual({ stored: true })
  expect(await store.put(key, second, { expected: first.version, durability })).toEqual({ stored: true })
  expect(await store.get(key, { atLeast: second.version })).toMatchObject({ version: second.version })
  expect(await store.get(key, { fresh: true })).toMatchObject({ version: second.version })
  expect(await store.touch(key, Date.now() + 3_700_000)).toBe(true)
  const log = changeLog(store)
  await log.hears(store)
  for (let call = 0; call < 20; call += 1) await store.get(anyKey())
  await store.delete(key)
  expect(await store.get(key)).toBeNull()
}

test('a primary and its replica: these permissions are enough', async () => {
  const servers = await startReplicatedRedis({ replicas: 1 })
  onTestFinished(() => servers.close())
  const all = [servers.primary, ...servers.replicas]
  await allow(all, [...keys, ...calls, ...insideScripts, ...announcing, ...waiting])
  await callEverything({ url: servers.primary.url, replicas: servers.replicas.map(({ url }) => url) })
  expect(await refusalsOf(all)).toEqual([])
})

test('Sentinels: these permissions are enough, and those of the servers are the same', async () => {
  const group = await startSentinels({ replicas: 1, sentinels: 1 })
  onTestFinished(() => group.close())
  await allow(group.nodes, [...keys, ...calls, ...insideScripts, ...announcing, ...waiting])
  await allow(group.sentinels, ofSentinel)
  await callEverything({ sentinels: group.sentinels.map(({ url }) => url.replace('//', '//app:secret@')), name: group.name })
  expect(await refusalsOf(group.nodes)).toEqual([])
  // A Sentinel of Redis 7 has no permission by that name to give.
  expect((await refusalsOf(group.sentinels)).filter((refusal) => refusal !== 'toplevel client|setname')).toEqual([])
})

test('a Cluster: these permissions are enough', async () => {
  const cluster = await startRedisCluster()
  onTestFinished(() => cluster.close())
  await allow(cluster.nodes, [...keys, ...calls, ...insideScripts, ...announcing, ...waiting, ...ofCluster])
  await callEverything({ cluster: cluster.urls.slice(0, 2) })
  expect(await refusalsOf(cluster.nodes)).toEqual([])
})

test('what is missing is named: a Sentinel that may not be asked, replicas that may not be waited for', async () => {
  const group = await startSentinels({ replicas: 1, sentinels: 1 })
  onTestFinished(() => group.close())
  await allow(group.sentinels, ['+subscribe', '&+switch-master'])
  const sentinels = redisStore({ sentinels: group.sentinels.map(({ url }) => url.replace('//', '//app:secret@')), name: group.name })
  onTestFinished(() => sentinels.close?.())
  const signal = AbortSignal.timeout(3_000)
  await expect(sentinels.get(anyKey(), { signal })).rejects.toThrow(/NOPERM/)

  await allow(group.nodes, [...keys, ...calls, ...insideScripts])
  const [primary, replica] = group.nodes as [RedisServer, RedisServer]
  const store = redisStore({ url: primary.url, replicas: [replica.url], username: 'app', password: 'secret' })
  onTestFinished(() => store.close?.())
  const durability = { replicas: 1, withinTimeout: 1_000 }
  await expect(store.put(anyKey(), anyRecord(), { expected: null, durability })).rejects.toMatchObject({
    code: 'ERR_NOT_DURABLE',
    message: expect.stringMatching(/wait for replicas.*NOPERM/),
  })
})
