import { startMemcached, startRedis } from '@holdfast/testbed'
import { afterAll, expect, test } from 'vitest'
import { encodeEnvelope, rememberedWrites } from '../record/envelope.ts'
import { packRecord } from '../record/pack.ts'
import type { SessionStore, StoredRecord } from '../record/store.ts'
import { nextVersion, stampOf } from '../record/version.ts'
import { markerKey } from '../resilience/ring/node-marker.ts'
import { createSessions } from '../session/manager.ts'
import { memcachedStore } from '../stores/memcached/memcached-store.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { redisStore } from '../stores/redis/redis-store.ts'
import { sameKey } from '../testing/same-keys.ts'
import { largestOnMemcached, recordBytes, storedBytes } from './stored-bytes.ts'

const redis = await startRedis()
const memcached = await startMemcached({ memoryMegabytes: 512 })
afterAll(async () => {
  await Promise.all([redis.close(), memcached.close()])
})

const sizes = [100, 200, 700, 2_000, 10_000]
const subject = 'b5a0a1a6-6c0f-4a0e-9d0c-3f1f6d3b8a52'
const mib = 2 ** 20

/** What a session with so much data is kept as. */
function record(dataBytes: number): StoredRecord {
  const version = nextVersion(null)
  const expiresAt = Date.now() + 3_600_000
  const writes = Array.from({ length: rememberedWrites }, () => stampOf(version))
  const data = new Uint8Array(dataBytes).fill(0x61)
  return { version, expiresAt, value: encodeEnvelope({ createdAt: Date.now(), persistentUntil: expiresAt, subject, writes, data }) }
}

test('a session that has changed often, of somebody with a cookie that stays, is as long as is told', async () => {
  const kept = memoryStore()
  let stored = new Uint8Array()
  const store: SessionStore = {
    ...kept,
    async put(key, record, options) {
      stored = packRecord(record) as Uint8Array<ArrayBuffer>
      return kept.put(key, record, options)
    },
  }
  const sessions = createSessions<{ visits: number }>({
    store,
    secrets: ['planning planning planning planning'],
    initial: () => ({ visits: 10 }),
  })
  const { session } = await sessions.create({ visits: 10 }, { subject })
  session.regenerate({ subject, persistent: 86_400_000 })
  await session.save()
  for (let visit = 11; visit < 40; visit++) {
    session.data.visits = visit
    await session.save()
  }
  expect(stored.byteLength).toBe(recordBytes('{"visits":39}'.length))
  await sessions.close()
})

test.each(sizes)('Redis takes for a session of %i bytes what is told, where its tables are least full', async (size) => {
  const kept = record(size)
  /** The store is closed then: of a client's buffers Redis knows only how large they were when it last looked. */
  const putAll = async (count: number): Promise<void> => {
    const store = redisStore({ url: redis.url })
    for (let first = 0; first < count; first += 500) {
      const keys = Array.from({ length: Math.min(500, count - first) }, (_, index) => sameKey(first + index))
      await Promise.all(keys.map((key) => store.put(key, kept, { expected: null })))
    }
    await store.close?.()
    await expect.poll(() => infoOf('clients', 'connected_clients')).toBe(1)
  }
  // What it keeps of scripts is there before.
  await putAll(500)
  await redis.command('FLUSHALL', 'SYNC')
  const before = await infoOf('memory', 'used_memory')
  // One more than fills a table, which is then doubled.
  const count = 8_193
  await putAll(count)
  const perSession = async (): Promise<number> => ((await infoOf('memory', 'used_memory')) - before) / count
  const told = storedBytes('redis', size)
  // The smaller table is there until all of it has been moved.
  await expect.poll(perSession, { timeout: 10_000 }).toBeLessThan(told * 1.005)
  expect(await perSession()).toBeGreaterThan(told * 0.995)
})

async function infoOf(section: string, name: string): Promise<number> {
  const info = String(await redis.command('INFO', section))
  return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)![1])
}

const pages = async (): Promise<number> => Number((await memcached.stats('slabs')).total_malloced) / mib

test.each(sizes)(
  'memcached takes for a session of %i bytes what is told: so many fill ten pages, and one more begins another',
  async (size) => {
    await memcached.restart()
    const store = memcachedStore({ nodes: [memcached.address] })
    const kept = record(size)
    // The store's note that the server is in use is an item of its own, of another size.
    await expect.poll(() => store.get(markerKey)).not.toBeNull()
    const before = await pages()
    const count = Math.round((10 * mib) / storedBytes('memcached', size))
    for (let first = 0; first < count; first += 500) {
      const keys = Array.from({ length: Math.min(500, count - first) }, (_, index) => sameKey(first + index))
      await Promise.all(keys.map((key) => store.put(key, kept, { expected: null })))
    }
    expect((await pages()) - before).toBe(10)
    await store.put(sameKey(count), kept, { expected: null })
    expect((await pages()) - before).toBe(11)
    await store.close?.()
  },
)

test.each([300_000, 600_000, 900_000, largestOnMemcached()])(
  'memcached takes one of %i bytes, and no more for it than is told',
  async (size) => {
    await memcached.restart()
    const store = memcachedStore({ nodes: [memcached.address] })
    for (let index = 0; index < 20; index++) {
      const result = await store.put(sameKey(index), record(size), { expected: null })
      expect(result).toEqual({ stored: true })
    }
    // One page each of the classes of the leading chunk and of what is left beside the large one may be begun.
    expect((await pages()) * mib).toBeLessThanOrEqual(20 * storedBytes('memcached', size) + 2 * mib)
    await store.close?.()
  },
)
