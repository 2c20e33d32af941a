import { joinCluster, startClusterNode, startRedisCluster, type RedisCluster, type RedisServer } from '@holdfast/testbed'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { SessionStore } from '../../../record/store.ts'
import { anyKey, anyRecord } from '../../../testing/any-record.ts'
import { failureOf } from '../../../testing/failure-of.ts'
import { steadyLoad } from '../../../testing/steady-load.ts'
import { redisStore } from '../redis-store.ts'
import { slotOf } from './key-slot.ts'

let cluster: RedisCluster
/** Of the last node, from the test on that has it join. */
let replica: RedisServer | undefined
beforeAll(async () => {
  cluster = await startRedisCluster({ replicasPerShard: 0 })
})
afterAll(async () => {
  await Promise.all([cluster.close(), replica?.close()])
})

function open(): SessionStore {
  const store = redisStore({ cluster: cluster.urls.slice(0, 1) })
  onTestFinished(() => store.close?.())
  return store
}

/** Keys of one slot of this primary. */
async function keysOn(primary: RedisServer, count: number): Promise<{ keys: string[]; slot: number }> {
  for (;;) {
    const tag = anyKey()
    const answer = await primary.command('GET', `{${tag}}`).catch((error: Error) => error)
    if (answer === null) return { keys: Array.from({ length: count }, (_, at) => `{${tag}}${at}`), slot: slotOf(tag) }
    if (!String(answer).includes('MOVED')) throw answer as Error
  }
}

async function idOf(node: RedisServer): Promise<string> {
  return String(await node.command('CLUSTER', 'MYID'))
}

async function beginMove(slot: number, from: RedisServer, to: RedisServer): Promise<void> {
  await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', await idOf(from))
  await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', await idOf(to))
}

async function moveKeys(slot: number, from: RedisServer, to: RedisServer, count: number): Promise<number> {
  const keys = (await from.command('CLUSTER', 'GETKEYSINSLOT', slot, count)) as string[]
  if (keys.length > 0) await from.command('MIGRATE', '127.0.0.1', to.port, '', 0, 5_000, 'KEYS', ...keys)
  return keys.length
}

async function endMove(slot: number, from: RedisServer, to: RedisServer): Promise<void> {
  while ((await moveKeys(slot, from, to, 10)) > 0);
  for (const node of [to, from, ...cluster.nodes.filter((other) => other !== from && other !== to)])
    await node.command('CLUSTER', 'SETSLOT', slot, 'NODE', await idOf(to))
}

test.each(['primary', 'replicated'] as const)('a slot moves under load, %s: nothing fails, and nothing is lost', async (durability) => {
  const [from, to] = cluster.nodes as [RedisServer, RedisServer]
  const { keys, slot } = await keysOn(from, 12)
  const load = steadyLoad(open(), keys, durability)
  await load.rounds(5)
  await beginMove(slot, from, to)
  await load.rounds(5)
  // Half of them are asked for with ASK now, of a node that has never seen the scripts.
  await moveKeys(slot, from, to, 6)
  await load.rounds(5)
  for (const node of [from, to]) await node.command('SCRIPT', 'FLUSH')
  await load.rounds(5)
  await endMove(slot, from, to)
  await load.rounds(20)
  const { wrong, settled, done } = await load.stop()
  expect([wrong, settled]).toEqual([[], 0])
  expect(done).toBeGreaterThanOrEqual(keys.length * 40)
  expect(await from.command('CLUSTER', 'COUNTKEYSINSLOT', slot)).toBe(0)
})

test('a node joins, and is given a slot under load', async () => {
  const node = await startClusterNode()
  onTestFinished(() => node.close())
  const [from] = cluster.nodes as [RedisServer]
  await joinCluster(node, from)
  const { keys, slot } = await keysOn(from, 12)
  const load = steadyLoad(open(), keys)
  await load.rounds(5)
  await beginMove(slot, from, node)
  await moveKeys(slot, from, node, 6)
  await load.rounds(10)
  await endMove(slot, from, node)
  await load.rounds(20)
  const { wrong, settled } = await load.stop()
  expect([wrong, settled]).toEqual([[], 0])
  expect(await node.command('CLUSTER', 'COUNTKEYSINSLOT', slot)).toBe(12)

  // For the tests after this one.
  await beginMove(slot, node, from)
  await endMove(slot, node, from)
  for (const other of cluster.nodes) await other.command('CLUSTER', 'FORGET', await idOf(node))
  await cluster.settled()
})

test('a shard without replicas dies: the others go on, its sessions are unavailable and not missing', async () => {
  const [dead, alive] = cluster.nodes as [RedisServer, RedisServer]
  const [lost, kept] = [(await keysOn(dead, 1)).keys[0] as string, (await keysOn(alive, 12)).keys]
  const store = open()
  await store.put(lost, anyRecord(), { expected: null })
  const load = steadyLoad(store, kept)
  await load.rounds(5)
  await dead.kill()
  const error = await failureOf(store.get(lost, { signal: AbortSignal.timeout(3_000) }))
  expect(error).toMatchObject({ code: 'ERR_UNAVAILABLE', message: expect.stringContaining(`127.0.0.1:${dead.port}`) })
  expect(await failureOf(store.put(lost, anyRecord(), { expected: null, signal: AbortSignal.timeout(300) }))).toMatchObject({
    code: 'ERR_UNAVAILABLE',
  })
  await load.rounds(20)
  // Once the others hold it to be down.
  await expect.poll(async () => String(await alive.command('CLUSTER', 'NODES')), { timeout: 15_000 }).toMatch(/ master,fail /)
  expect(await failureOf(store.get(lost, { signal: AbortSignal.timeout(300) }))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
  await load.rounds(20)
  expect((await load.stop()).wrong).toEqual([])

  await dead.restart()
  await expect.poll(() => store.put(lost, anyRecord(), { expected: null }), { timeout: 15_000 }).toEqual({ stored: true })
  await cluster.settled()
})

test('a change that waits for a replica, in a slot that moves to a shard that has one: the node that is asked waits', async () => {
  const [from, , to] = cluster.nodes as [RedisServer, RedisServer, RedisServer]
  replica = await startClusterNode()
  await joinCluster(replica, to, to)
  const { keys, slot } = await keysOn(from, 20)
  const store = open()
  await store.get(keys[0] as string)
  await beginMove(slot, from, to)
  for (const [at, key] of keys.entries()) {
    const record = anyRecord()
    const durability = at % 2 === 0 ? ('replicated' as const) : { replicas: 1, withinTimeout: 5_000 }
    expect(await store.put(key, record, { expected: null, durability })).toEqual({ stored: true })
  }
  await expect.poll(() => replica?.command('DBSIZE')).toBe(await to.command('DBSIZE'))
  await endMove(slot, from, to)
})

test('a replica takes over when it is asked to (CLUSTER FAILOVER), under load: no read fails, every put is settled', async () => {
  const [, , primary] = cluster.nodes as [RedisServer, RedisServer, RedisServer]
  const heir = replica as RedisServer
  const { keys } = await keysOn(primary, 12)
  const load = steadyLoad(open(), keys)
  await load.rounds(5)
  await heir.command('CLUSTER', 'FAILOVER')
  await expect.poll(() => heir.command('ROLE'), { timeout: 15_000 }).toContain('master')
  await load.rounds(20)
  expect((await load.stop()).wrong).toEqual([])
})
