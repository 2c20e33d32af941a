import { commandCalls, freePort, joinCluster, startClusterNode, startRedis, type RedisServer } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import type { SessionStore } from '../../../record/store.ts'
import { anyKey, anyRecord } from '../../../testing/any-record.ts'
import { failureOf } from '../../../testing/failure-of.ts'
import { redisStore, type RedisStoreOptions } from '../redis-store.ts'
import { slotOf } from './key-slot.ts'

// Where nobody answers, as inside of the network that the servers are in.
const inside = '127.0.0.77'

function open(options: RedisStoreOptions): SessionStore {
  const store = redisStore(options)
  onTestFinished(() => store.close?.())
  return store
}

async function started(server: Promise<RedisServer>): Promise<RedisServer> {
  const one = await server
  onTestFinished(() => one.close())
  return one
}

test('the servers that Sentinels name are reached where nat says: the primary, and a replica that it announces', async () => {
  const primary = await started(startRedis({ args: ['--repl-diskless-sync-delay', '0'] }))
  const announced = ['--replica-announce-ip', inside, '--replica-announce-port', '6380']
  const replica = await started(startRedis({ replicaOf: primary, args: announced }))
  const sentinel = await started(startRedis({ args: ['--sentinel'] }))
  await sentinel.command('SENTINEL', 'MONITOR', 'by-its-own-name', '127.0.0.1', primary.port, 1)
  await expect
    .poll(async () => String(await sentinel.command('SENTINEL', 'REPLICAS', 'by-its-own-name')), { timeout: 15_000 })
    .toContain(inside)
  await expect.poll(async () => replica.command('ROLE'), { timeout: 15_000 }).toContain('connected')
  const nat = { [`${inside}:6379`]: `127.0.0.1:${primary.port}`, [`${inside}:6380`]: `127.0.0.1:${replica.port}` }

  const store = open({ sentinels: [sentinel.url], name: 'by-its-own-name', nat, readFrom: 'replica' })
  const [key, record] = [anyKey(), anyRecord()]
  expect(await store.put(key, record, { expected: null, durability: { replicas: 1, withinTimeout: 5_000 } })).toEqual({ stored: true })
  await expect.poll(async () => (await store.get(key)) && commandCalls(replica, 'get')).toBeGreaterThan(0)

  await sentinel.command('SENTINEL', 'MONITOR', 'behind-nat', inside, 6379, 1)
  const behind = open({ sentinels: [sentinel.url], name: 'behind-nat', nat })
  expect(await behind.get(key)).toMatchObject({ version: record.version })
  const without = open({ sentinels: [sentinel.url], name: 'behind-nat' })
  const error = await failureOf(without.get(key, { signal: AbortSignal.timeout(3_000) }))
  expect(error).toMatchObject({
    code: 'ERR_UNAVAILABLE',
    message: expect.stringContaining(`Redis at ${inside}:6379 is not ready`),
  })
})

test('the nodes that a Cluster names are reached where nat says', async () => {
  const port = await freePort()
  const node = await started(startClusterNode({ port, args: ['--cluster-announce-ip', inside, '--cluster-announce-port', '7001'] }))
  await node.command('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383)
  await expect.poll(async () => node.command('CLUSTER', 'INFO'), { timeout: 15_000 }).toContain('cluster_state:ok')
  const [key, record] = [anyKey(), anyRecord()]

  const store = open({ cluster: [node.url], nat: { [`${inside}:7001`]: `127.0.0.1:${port}` } })
  expect(await store.put(key, record, { expected: null })).toEqual({ stored: true })
  expect(await store.get(key)).toMatchObject({ version: record.version })

  const without = open({ cluster: [node.url] })
  const error = await failureOf(without.get(key, { signal: AbortSignal.timeout(3_000) }))
  expect(error).toMatchObject({
    code: 'ERR_UNAVAILABLE',
    message: expect.stringContaining(`Redis at ${inside}:7001 is not ready`),
  })
})

test('a Cluster that names no hosts is reached where it was first: its slots, and where a slot has moved to', async () => {
  const args = ['--cluster-preferred-endpoint-type', 'unknown-endpoint']
  const [one, other] = (await Promise.all([started(startClusterNode({ args })), started(startClusterNode({ args }))])) as [
    RedisServer,
    RedisServer,
  ]
  await one.command('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383)
  await expect.poll(async () => one.command('CLUSTER', 'INFO'), { timeout: 15_000 }).toContain('cluster_state:ok')
  const store = open({ cluster: [one.url] })
  const [key, record] = [anyKey(), anyRecord()]
  expect(await store.put(key, record, { expected: null })).toEqual({ stored: true })

  await joinCluster(other, one)
  const [slot, from, to] = [slotOf(`holdfast:${key}`), await one.command('CLUSTER', 'MYID'), await other.command('CLUSTER', 'MYID')]
  await other.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', String(from))
  await one.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', String(to))
  await one.command('MIGRATE', '127.0.0.1', other.port, `holdfast:${key}`, 0, 5_000)
  await expect(one.command('GET', `holdfast:${key}`)).rejects.toThrow(`ASK ${slot} :${other.port}`)
  expect(await store.get(key)).toMatchObject({ version: record.version })
  for (const node of [other, one]) await node.command('CLUSTER', 'SETSLOT', slot, 'NODE', String(to))
  await expect(one.command('GET', `holdfast:${key}`)).rejects.toThrow(`MOVED ${slot} :${other.port}`)
  const next = anyRecord(record.version)
  expect(await store.put(key, next, { expected: record.version })).toEqual({ stored: true })
  expect(await store.get(key)).toMatchObject({ version: next.version })
})
