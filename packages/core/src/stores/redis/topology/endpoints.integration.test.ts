import {
  commandCalls,
  startFaultProxy,
  startReplicatedRedis,
  type FaultProxy,
  type RedisServer,
  type ReplicatedRedis,
} from '@holdfast/testbed'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import type { SessionStore } from '../../../record/store.ts'
import { anyKey, anyRecord } from '../../../testing/any-record.ts'
import { redisStore, type RedisStoreOptions } from '../redis-store.ts'

// As ElastiCache does it: two names, one of which leads to the primary, the other to one of its replicas; it is the names that fail over.
let servers: ReplicatedRedis
let toPrimary: FaultProxy
let toReader: FaultProxy

beforeEach(async () => {
  servers = await startReplicatedRedis({ replicas: 2 })
  toPrimary = await startFaultProxy(servers.primary)
  toReader = await startFaultProxy(servers.replicas[0] as RedisServer)
})
afterEach(async () => {
  await Promise.all([servers.close(), toPrimary.close(), toReader.close()])
})

async function open(options: RedisStoreOptions = {}): Promise<{ store: SessionStore; key: string; version: string }> {
  const store = redisStore({ url: toPrimary.url(), replicas: [toReader.url()], ...options })
  onTestFinished(() => store.close?.())
  const [key, { version, ...rest }] = [anyKey(), anyRecord()]
  await store.put(key, { version, ...rest }, { expected: null, durability: { replicas: 2, withinTimeout: 5_000 } })
  return { store, key, version }
}

/** Puts until one is stored, and tells the version; what was not stored, was not. */
async function putAgain(store: SessionStore, key: string, version: string): Promise<string> {
  const next = anyRecord(version)
  await expect
    .poll(() => store.put(key, next, { expected: version }).catch((error: Error) => error.message), { timeout: 15_000 })
    .toEqual({
      stored: true,
    })
  return next.version
}

test('the primary dies, the reader is promoted, and both names lead elsewhere', async () => {
  const [first, second, third] = [servers.primary, ...servers.replicas] as [RedisServer, RedisServer, RedisServer]
  const { store, key, version } = await open({ readFrom: 'replica' })
  await first.kill()
  toPrimary.refuse()
  expect(await store.get(key)).toMatchObject({ version })
  await second.command('REPLICAOF', 'NO', 'ONE')
  await third.command('REPLICAOF', '127.0.0.1', second.port)
  // Found without the names.
  const next = await putAgain(store, key, version)

  toPrimary.leadTo(second)
  await toPrimary.accept()
  toReader.leadTo(third)
  toReader.cut()
  const last = await putAgain(store, key, next)
  await expect.poll(async () => String(await third.command('GET', `holdfast:${key}`)), { timeout: 15_000 }).toContain(last)
  expect(await store.get(key)).toMatchObject({ version: last })
  const before = await commandCalls(third, 'get')
  await expect
    .poll(async () => (await store.get(key)) && (await commandCalls(third, 'get')) - before, { timeout: 10_000 })
    .toBeGreaterThan(0)
})

test('the primary becomes a replica and cuts no connection; its name leads to another one, whom the reader is not', async () => {
  const [first, second, third] = [servers.primary, ...servers.replicas] as [RedisServer, RedisServer, RedisServer]
  const { store, key, version } = await open()
  await third.command('REPLICAOF', 'NO', 'ONE')
  for (const server of [first, second]) await server.command('REPLICAOF', '127.0.0.1', third.port)
  toPrimary.leadTo(third)
  const next = await putAgain(store, key, version)
  expect(await store.get(key, { fresh: true })).toMatchObject({ version: next })
  expect(String(await third.command('GET', `holdfast:${key}`))).toContain(next)
})

test('a reader endpoint leads to the primary where there is no replica', async () => {
  toReader.leadTo(servers.primary)
  for (const readFrom of ['hedged', 'replica'] as const) {
    const store = redisStore({ url: toPrimary.url(), replicas: [toReader.url()], readFrom })
    onTestFinished(() => store.close?.())
    const [key, record] = [anyKey(), anyRecord()]
    for (let call = 0; call < 20; call += 1) expect(await store.get(anyKey())).toBeNull()
    expect(await store.put(key, record, { expected: null, durability: 'replicated' })).toEqual({ stored: true })
    for (let call = 0; call < 20; call += 1) expect(await store.get(key)).toMatchObject({ version: record.version })
  }
})
