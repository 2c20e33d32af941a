import { startRedis } from '@holdfast/testbed'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis-5'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { storeContract } from '../../testing/store-contract.ts'
import { redisStore } from './redis-store.ts'

// The same store on the real ioredis 5.
vi.resetModules()
vi.doMock('ioredis', () => import('ioredis-5'))
const { redisStore: redisStoreOn5 } = await import('./redis-store.ts')

const redis = await startRedis()
const client6 = new Redis(redis.url)
const client5 = new Redis5(redis.url)
const lazyClient = new Redis(redis.url, { lazyConnect: true, enableAutoPipelining: true, stringNumbers: true, keyPrefix: 'app:' })
afterAll(async () => {
  for (const client of [client6, client5, lazyClient]) client.disconnect()
  await redis.close()
})

describe.each([
  ['a connection of its own, ioredis 6', () => redisStore({ url: redis.url })],
  ['a connection of its own, ioredis 5', () => redisStoreOn5({ url: redis.url })],
  ['a client of ioredis 6', () => redisStore({ client: client6 })],
  ['a client of ioredis 5', () => redisStore({ client: client5 })],
  ['a lazy client with a prefix and other options', () => redisStore({ client: lazyClient, prefix: 'sessions:' })],
])('%s', (_, makeStore) => {
  storeContract({ describe, test }, makeStore)
})

test('keys begin with the prefix', async () => {
  const store = redisStore({ url: redis.url, prefix: 'shop:' })
  const record = { version: '0000000001.k3Jd81Za', expiresAt: Date.now() + 60_000, value: Buffer.from('one') }
  await store.put('key', record, { expected: null })
  expect(await redis.command('KEYS', '*')).toEqual(['shop:key'])
  await store.close?.()
})

test('Redis itself drops a record at its deadline, also after a touch', async () => {
  const store = redisStore({ url: redis.url })
  const record = { version: '0000000001.k3Jd81Za', expiresAt: Date.now() + 60_000, value: Buffer.from('one') }
  await store.put('expiring', record, { expected: null })
  expect(await redis.command('PEXPIRETIME', 'holdfast:expiring')).toBe(record.expiresAt)
  await store.touch('expiring', record.expiresAt + 5_000)
  expect(await redis.command('PEXPIRETIME', 'holdfast:expiring')).toBe(record.expiresAt + 5_000)
  await store.close?.()
})

test('what is no record is an error, and never overwritten', async () => {
  const store = redisStore({ url: redis.url })
  await redis.command('SET', 'holdfast:foreign', 'something else')
  const record = { version: '0000000001.k3Jd81Za', expiresAt: Date.now() + 60_000, value: Buffer.from('one') }
  await expect(store.get('foreign')).rejects.toMatchObject({ code: 'ERR_RECORD' })
  await expect(store.put('foreign', record, { expected: null })).rejects.toMatchObject({ code: 'ERR_RECORD' })
  expect(await redis.command('GET', 'holdfast:foreign')).toBe('something else')
  await store.close?.()
})

test('a client that is handed in stays open, and keeps none of our listeners', async () => {
  const before = client6.listenerCount('ready') + client6.listenerCount('close')
  const store = redisStore({ client: client6 })
  await store.get('key')
  await store.close?.()
  expect(client6.status).toBe('ready')
  expect(client6.listenerCount('ready') + client6.listenerCount('close')).toBe(before)
})
