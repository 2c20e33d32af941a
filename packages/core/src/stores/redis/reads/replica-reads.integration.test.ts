import { setTimeout as sleep } from 'node:timers/promises'
import { commandCalls, startFaultProxy, startRedis, type FaultProxy, type RedisServer } from '@holdfast/testbed'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { SessionStore } from '../../../record/store.ts'
import { anyKey, anyRecord } from '../../../testing/any-record.ts'
import { failureOf } from '../../../testing/failure-of.ts'
import { redisStore, type RedisStoreOptions } from '../redis-store.ts'

const prompt = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1', '--repl-timeout', '60']

let primary: RedisServer
let replica: RedisServer
/** Between the two of them. */
let wire: FaultProxy

beforeEach(async () => {
  primary = await startRedis({ args: prompt })
  wire = await startFaultProxy(primary)
  replica = await startRedis({ args: prompt, replicaOf: wire.url('redis') })
  await expect.poll(() => replica.command('ROLE'), { timeout: 15_000 }).toContain('connected')
})
afterEach(async () => {
  await Promise.all([primary.close(), replica.close(), wire.close()])
})

async function open(options: Partial<RedisStoreOptions>): Promise<SessionStore> {
  const store = redisStore({ url: primary.url, replicas: [replica.url], ...options })
  onTestFinished(() => store.close?.())
  await store.get(anyKey())
  // Until it knows the replica for one. That tells in whole seconds how long ago it heard from its primary, who speaks once a second: with
  // an age of less than two it may count as too old for almost the whole of each.
  if (options.readFrom === 'replica') await expect.poll(() => copiesAskedBy(store), { timeout: 10_000 }).toBeGreaterThan(0)
  return store
}

/** How many of 20 reads ask the replica. */
async function copiesAskedBy(store: SessionStore): Promise<number> {
  const before = await commandCalls(replica, 'get')
  for (let call = 0; call < 20; call += 1) await store.get(anyKey())
  return (await commandCalls(replica, 'get')) - before
}

async function replicaHas(key: string, version: string): Promise<void> {
  await expect.poll(async () => String(await replica.command('GET', `holdfast:${key}`))).toContain(version)
}

/** What the replica does not hear of. */
async function putBehindItsBack(store: SessionStore, key: string): Promise<[older: string, newer: string]> {
  const first = anyRecord()
  await store.put(key, first, { expected: null })
  await replicaHas(key, first.version)
  wire.stall()
  const second = anyRecord(first.version)
  await store.put(key, second, { expected: first.version })
  return [first.version, second.version]
}

describe('a replica that is behind', () => {
  test('is no answer to who has seen more; its "no such session" is none either', async () => {
    const store = await open({ readFrom: 'replica', maxReplicaAge: 60_000 })
    const key = anyKey()
    const [older, newer] = await putBehindItsBack(store, key)
    expect(await store.get(key, { atLeast: newer })).toMatchObject({ version: newer })
    // Who has seen nothing may be given what it has.
    const before = await commandCalls(replica, 'get')
    expect(await store.get(key)).toMatchObject({ version: older })
    expect(await commandCalls(replica, 'get')).toBe(before + 1)

    const [unheard, record] = [anyKey(), anyRecord()]
    await store.put(unheard, record, { expected: null })
    expect(await store.get(unheard)).toMatchObject({ version: record.version })
    expect(await store.get(unheard, { atLeast: record.version })).toMatchObject({ version: record.version })
  })

  test('fresh reads ask the primary alone', async () => {
    const store = await open({ readFrom: 'replica', maxReplicaAge: 60_000 })
    const key = anyKey()
    const [, newer] = await putBehindItsBack(store, key)
    const before = await commandCalls(replica, 'get')
    for (let call = 0; call < 200; call += 1) expect(await store.get(key, { fresh: true })).toMatchObject({ version: newer })
    expect(await commandCalls(replica, 'get')).toBe(before)
  })

  test('and a primary that is dead: what the replica has is an answer where it is new enough, and nothing else is', async () => {
    const store = await open({ readFrom: 'replica', maxReplicaAge: 60_000 })
    const [key, unheard] = [anyKey(), anyKey()]
    const [older, newer] = await putBehindItsBack(store, key)
    await store.put(unheard, anyRecord(), { expected: null })
    await primary.kill()
    const signal = (): AbortSignal => AbortSignal.timeout(3_000)
    expect(await store.get(key, { signal: signal() })).toMatchObject({ version: older })
    for (const call of [
      store.get(key, { atLeast: newer, signal: signal() }),
      store.get(key, { fresh: true, signal: signal() }),
      store.get(unheard, { signal: signal() }),
      store.get(anyKey(), { signal: signal() }),
    ])
      expect(await failureOf(call)).toMatchObject({
        code: 'ERR_UNAVAILABLE',
        message: expect.stringContaining(`127.0.0.1:${primary.port}`),
      })
  })
})

test('a replica that was linked anew is read again once it has got something: what it has may be what it got then', async () => {
  const quiet = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '3600', '--repl-timeout', '3600']
  await Promise.all([primary.close(), replica.close()])
  primary = await startRedis({ args: quiet })
  replica = await startRedis({ args: quiet, replicaOf: primary })
  await expect.poll(() => replica.command('ROLE'), { timeout: 15_000 }).toContain('connected')
  const store = await open({ readFrom: 'replica', maxReplicaAge: 60_000 })

  await replica.restart()
  await expect.poll(() => replica.command('ROLE'), { timeout: 15_000 }).toContain('connected')
  // The store is connected again after a tenth of this, and asks it each second.
  for (let second = 0; second < 3; second += 1) {
    await sleep(1_000)
    expect(await copiesAskedBy(store)).toBe(0)
  }
  await store.put(anyKey(), anyRecord(), { expected: null })
  await expect.poll(() => copiesAskedBy(store), { timeout: 15_000 }).toBeGreaterThan(0)
})

describe('who is asked', () => {
  async function readsOf(options: Partial<RedisStoreOptions>, count = 2_000): Promise<{ primary: number; replica: number }> {
    const store = await open(options)
    const [key, record] = [anyKey(), anyRecord()]
    await store.put(key, record, { expected: null })
    await replicaHas(key, record.version)
    for (const server of [primary, replica]) await server.command('CONFIG', 'RESETSTAT')
    for (let call = 0; call < count; call += 20) {
      const found = await Promise.all(Array.from({ length: 20 }, () => store.get(key, { atLeast: record.version })))
      expect(found.filter((each) => each?.version !== record.version)).toEqual([])
    }
    return { primary: await commandCalls(primary, 'get'), replica: await commandCalls(replica, 'get') }
  }

  test("'primary': nobody else, dead or alive", async () => {
    expect(await readsOf({ readFrom: 'primary' })).toEqual({ primary: 2_000, replica: 0 })
    const store = await open({ readFrom: 'primary' })
    await primary.kill()
    expect((await failureOf(store.get(anyKey(), { signal: AbortSignal.timeout(300) }))).code).toBe('ERR_UNAVAILABLE')
    expect(await commandCalls(replica, 'get')).toBe(0)
  })

  // A delay that no stall of the machine that runs this reaches.
  test("'hedged': nobody else while the primary answers in time", async () => {
    expect(await readsOf({ readFrom: 'hedged', hedgeAfter: 1_000 })).toEqual({ primary: 2_000, replica: 0 })
  })

  test("'hedged' with the usual delay: a slow primary does not double the questions: 5 % more at most, and a few at first", async () => {
    const slow = await startFaultProxy(primary)
    onTestFinished(() => slow.close())
    slow.delay(30)
    const asked = await readsOf({ url: slow.url('redis'), readFrom: 'hedged' }, 1_000)
    expect(asked.replica).toBeGreaterThan(0)
    expect(asked.primary + asked.replica).toBeGreaterThanOrEqual(1_000)
    expect(asked.primary + asked.replica).toBeLessThanOrEqual(1_060)
  })

  test("'replica': the primary only where its answer does not count", async () => {
    const asked = await readsOf({ readFrom: 'replica', hedgeAfter: 1_000 })
    expect(asked).toEqual({ primary: 0, replica: 2_000 })
  })
})

describe('maxReplicaAge', () => {
  test('a replica whose link is down is not read while the primary answers, and is read when it is dead', async () => {
    const store = await open({ readFrom: 'replica', maxReplicaAge: 2_000 })
    const [key, record] = [anyKey(), anyRecord()]
    await store.put(key, record, { expected: null })
    await replicaHas(key, record.version)
    wire.refuse()
    wire.cut()
    await expect.poll(() => replica.command('ROLE'), { timeout: 15_000 }).not.toContain('connected')
    // The store asks it for its link a few times a second.
    await expect.poll(() => copiesAskedBy(store), { timeout: 15_000 }).toBe(0)
    const before = await commandCalls(replica, 'get')
    for (let call = 0; call < 200; call += 1) expect(await store.get(key)).toMatchObject({ version: record.version })
    expect(await commandCalls(replica, 'get')).toBe(before)

    await primary.kill()
    for (let call = 0; call < 200; call += 1) expect(await store.get(key)).toMatchObject({ version: record.version })
    expect(await commandCalls(replica, 'get')).toBeGreaterThanOrEqual(before + 200)
  })

  test('a replica that has not heard from its primary for so long is not read either', async () => {
    const store = await open({ readFrom: 'replica', maxReplicaAge: 2_000 })
    const key = anyKey()
    const [, newer] = await putBehindItsBack(store, key)
    // What it last said may be from before its last news, a whole second old as well.
    const age = async () => Number(/master_last_io_seconds_ago:(\d+)/.exec(String(await replica.command('INFO', 'replication')))?.[1])
    await expect.poll(age, { timeout: 15_000 }).toBeGreaterThan(2)
    await expect.poll(() => copiesAskedBy(store), { timeout: 15_000 }).toBe(0)
    for (let call = 0; call < 200; call += 1) expect(await store.get(key)).toMatchObject({ version: newer })
  })
})
