import { commandCalls, startRedisCluster, type RedisCluster, type RedisServer } from '@holdfast/testbed'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { onSessionEvent, type SessionEvents } from '../../../events.ts'
import type { SessionStore } from '../../../record/store.ts'
import { anyKey } from '../../../testing/any-record.ts'
import { steadyLoad } from '../../../testing/steady-load.ts'
import { redisStore } from '../redis-store.ts'
import { slotOf } from './key-slot.ts'

let cluster: RedisCluster
beforeAll(async () => {
  cluster = await startRedisCluster()
})
afterAll(() => cluster.close())

function open(): { store: SessionStore; breakers: SessionEvents['breaker'][] } {
  const breakers: SessionEvents['breaker'][] = []
  onTestFinished(onSessionEvent('breaker', (event) => void breakers.push(event)))
  const store = redisStore({ cluster: cluster.urls.slice(0, 1), readFrom: 'replica' })
  onTestFinished(() => store.close?.())
  return { store, breakers }
}

async function keysOf(count: number): Promise<{ keys: string[]; slot: number; primary: RedisServer; replica: RedisServer }> {
  const tag = anyKey()
  const { primary, replicas } = await cluster.shardOf(tag)
  return {
    keys: Array.from({ length: count }, (_, at) => `{${tag}}${at}`),
    slot: slotOf(tag),
    primary,
    replica: replicas[0] as RedisServer,
  }
}

test('a slot moves while its sessions are read from replicas: nothing fails, nothing is older than seen, and no replica is blamed', async () => {
  const { store, breakers } = open()
  const { keys, slot, primary: from, replica } = await keysOf(12)
  const to = (await cluster.shards()).find(({ primary }) => primary !== from)?.primary as RedisServer
  const load = steadyLoad(store, keys)
  await expect.poll(() => commandCalls(replica, 'get'), { timeout: 10_000 }).toBeGreaterThan(0)
  const [fromId, toId] = [String(await from.command('CLUSTER', 'MYID')), String(await to.command('CLUSTER', 'MYID'))]
  await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId)
  await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId)
  for (let left = await keysIn(from, slot); left.length > 0; left = await keysIn(from, slot)) {
    await from.command('MIGRATE', '127.0.0.1', to.port, '', 0, 5_000, 'KEYS', ...left.slice(0, 4))
    await load.rounds(3)
  }
  for (const node of [to, from]) await node.command('CLUSTER', 'SETSLOT', slot, 'NODE', toId)
  await load.rounds(50)
  expect((await load.stop()).wrong).toEqual([])
  expect(breakers).toEqual([])
})

async function keysIn(node: RedisServer, slot: number): Promise<string[]> {
  return (await node.command('CLUSTER', 'GETKEYSINSLOT', slot, 100)) as string[]
}

test('a primary is killed, and comes back as a replica: no read fails, and every put that was acknowledged before and after is there', async () => {
  const { store } = open()
  const { keys, primary } = await keysOf(12)
  const load = steadyLoad(store, keys, { replicas: 1, withinTimeout: 5_000 })
  await load.rounds(10)
  const { wrong } = await load.stop()
  expect(wrong).toEqual([])
  const versions = await Promise.all(keys.map(async (key) => (await store.get(key, { fresh: true }))?.version))
  await primary.kill()
  const during = await Promise.all(keys.map(async (key, at) => (await store.get(key, { atLeast: versions[at] }))?.version))
  expect(during).toEqual(versions)
  await cluster.failedOver(primary)
  const after = await Promise.all(keys.map(async (key) => (await store.get(key, { fresh: true }))?.version))
  expect(after).toEqual(versions)
  await primary.restart()
  await cluster.settled()
  for (let read = 0; read < 20; read += 1) {
    expect(await Promise.all(keys.map(async (key, at) => (await store.get(key, { atLeast: versions[at] }))?.version))).toEqual(versions)
  }
})
