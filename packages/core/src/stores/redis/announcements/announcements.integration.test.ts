import { connectionsNamed, killConnections, startFaultProxy, startRedis, type RedisServer } from '@holdfast/testbed'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { SessionStore, StoredRecord } from '../../../record/store.ts'
import { anyKey, anyRecord } from '../../../testing/any-record.ts'
import { changeLog } from '../../../testing/change-log.ts'
import { redisStore, type RedisStoreOptions } from '../redis-store.ts'

// The same store on the real ioredis 5.
vi.resetModules()
vi.doMock('ioredis', () => import('ioredis-5'))
const { redisStore: redisStoreOn5 } = await import('../redis-store.ts')

const name = 'holdfast-changes'
const waiting = { timeout: 10_000 }
let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.close())

async function stored(store: SessionStore, key: string, record: StoredRecord): Promise<StoredRecord> {
  expect(await store.put(key, record, { expected: null })).toEqual({ stored: true })
  return record
}

describe.each([
  ['ioredis 6, which speaks RESP3', redisStore],
  ['ioredis 5, which speaks RESP2', redisStoreOn5],
])('%s', (_, makeStore) => {
  function open(options: RedisStoreOptions = {}): SessionStore {
    const store = makeStore({ url: redis.url, ...options })
    onTestFinished(() => store.close?.())
    return store
  }

  /** Listens, and has told that it does. */
  async function listening(store: SessionStore) {
    const log = changeLog(store)
    await log.hears(store)
    return log
  }

  test('a change by another store is told, and nothing of a touch, or of the same put again', async () => {
    const [store, other] = [open(), open()]
    const log = await listening(store)
    const key = anyKey()
    const record = await stored(other, key, anyRecord())
    await stored(other, key, record)
    await other.touch(key, record.expiresAt + 60_000)
    const ended = { ...anyRecord(record.version), value: Buffer.alloc(0) }
    await other.put(key, ended, { expected: record.version })
    const last = await stored(other, anyKey(), anyRecord())
    await expect.poll(() => log.all.at(-1), waiting).toMatchObject({ version: last.version })
    expect(log.all.filter((change) => change !== 'lost' && change.key === key)).toEqual([
      { key, version: record.version },
      { key, version: ended.version },
    ])
  })

  test('in a database of another number too, and under another prefix only by those who have it', async () => {
    const url = `${redis.url}/3`
    const [store, other, shop] = [open({ url }), open({ url }), open({ prefix: 'shop:' })]
    const [log, logOfShop] = [await listening(store), await listening(shop)]
    const key = anyKey()
    const record = await stored(other, key, anyRecord())
    const inShop = await stored(shop, key, anyRecord())
    await expect.poll(() => log.has(key, record.version) && logOfShop.has(key, inShop.version), waiting).toBe(true)
    expect([log.has(key, inShop.version), logOfShop.has(key, record.version)]).toEqual([false, false])
  })

  test('a connection that is killed is told as lost, and again when changes are heard again', async () => {
    const [store, other] = [open(), open()]
    const log = await listening(store)
    const before = log.lost
    for (const id of await connectionsNamed(redis, name)) await redis.command('CLIENT', 'KILL', 'ID', id)
    await expect.poll(() => log.lost, waiting).toBeGreaterThanOrEqual(before + 2)
    const [key, record] = [anyKey(), anyRecord()]
    await stored(other, key, record)
    await expect.poll(() => log.has(key, record.version), waiting).toBe(true)
  })

  test('a connection that is silent is told as lost within 15 s, without any call', async () => {
    const proxy = await startFaultProxy(redis)
    onTestFinished(() => proxy.close())
    const store = open({ url: proxy.url() })
    const log = await listening(store)
    const before = log.lost
    const began = performance.now()
    proxy.stall('open')
    await expect.poll(() => log.lost, { timeout: 15_000 }).toBeGreaterThan(before)
    expect(performance.now() - began).toBeLessThan(15_000)
    await expect.poll(() => log.lost, waiting).toBeGreaterThanOrEqual(before + 2)
    await log.hears(open())
  })

  test('an idle connection stays, and nothing is told as lost', async () => {
    const store = open()
    const log = await listening(store)
    const before = log.lost
    await new Promise((resolve) => setTimeout(resolve, 3_500))
    const [key, record] = [anyKey(), anyRecord()]
    await stored(store, key, record)
    await expect.poll(() => log.has(key, record.version), waiting).toBe(true)
    expect(log.lost).toBe(before)
  })

  test('a server that is started anew is listened to again', async () => {
    const own = await startRedis()
    onTestFinished(() => own.close())
    const store = open({ url: own.url })
    const log = await listening(store)
    const before = log.lost
    await own.restart()
    await expect.poll(() => log.lost, waiting).toBeGreaterThanOrEqual(before + 2)
    await log.hears(store)
  })

  test('there is one connection for all who listen, from the first call on, and none once nobody does', async () => {
    const own = await startRedis()
    onTestFinished(() => own.close())
    const count = async (): Promise<number> => (await connectionsNamed(own, name)).length
    const store = open({ url: own.url })
    const early = changeLog(store)
    expect([await count(), (await connectionsNamed(own, 'holdfast')).length]).toEqual([0, 0])
    const logs = [await listening(store), await listening(store)]
    expect(await count()).toBe(1)
    for (const log of [early, ...logs]) log.stop()
    await expect.poll(count, waiting).toBe(0)
    const again = await listening(store)
    expect(await count()).toBe(1)
    await store.close?.()
    await expect.poll(count, waiting).toBe(0)
    const told = again.all.length
    expect(store.onChange!(() => expect.fail('told after close'))).toBeTypeOf('function')
    expect(again.all).toHaveLength(told)
  })

  test('with announce false nothing is announced, and nothing can be listened to', async () => {
    const log = await listening(open())
    const quiet = open({ announce: false })
    expect(quiet.onChange).toBeUndefined()
    const [silent, loud] = [anyKey(), anyKey()]
    await stored(quiet, silent, anyRecord())
    const record = await stored(open(), loud, anyRecord())
    await expect.poll(() => log.has(loud, record.version), waiting).toBe(true)
    expect(log.all.some((change) => change !== 'lost' && change.key === silent)).toBe(false)
  })

  test('what others publish there is told only where it is an announcement', async () => {
    const log = await listening(open())
    const [key, version] = [anyKey(), anyRecord().version]
    for (const message of ['', 'lost', key, `${key} ${version} `, `${key}\n${version}`])
      await redis.command('PUBLISH', 'holdfast:changes', message)
    const told = log.all.length
    await redis.command('PUBLISH', 'holdfast:changes', `${key} ${version}`)
    await expect.poll(() => log.all.slice(told), waiting).toEqual([{ key, version }])
  })

  test('all connections are cut, again and again: it is listened to in the end, by one connection', async () => {
    const [store, other] = [open(), open()]
    const log = await listening(store)
    for (let time = 0; time < 5; time += 1) {
      await killConnections(redis)
      await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub')
    }
    await log.hears(other)
    await expect.poll(async () => (await connectionsNamed(redis, name)).length, waiting).toBe(1)
  })
})
