import { startMemcached, startRedis } from '@holdfast/testbed'
import { afterAll, expect, test } from 'vitest'
import { packRecord } from '../record/pack.ts'
import type { SessionStore, StoredRecord } from '../record/store.ts'
import { nextVersion } from '../record/version.ts'
import { memcachedStore } from '../stores/memcached/memcached-store.ts'
import { redisStore } from '../stores/redis/redis-store.ts'
import { sameKey } from '../testing/same-keys.ts'
import { planFleet } from './plan-fleet.ts'
import { recordBytes } from './stored-bytes.ts'

const mib = 2 ** 20
const memory = 64 * mib

const memcached = await startMemcached({ memoryMegabytes: memory / mib })
const redis = await startRedis({ args: ['--maxmemory', String(memory), '--maxmemory-policy', 'noeviction'] })
afterAll(async () => {
  await Promise.all([memcached.close(), redis.close()])
})

/** As many sessions of 2,800 bytes as a plan puts on one node of this memory, while the other one is down. */
function planned(engine: 'redis' | 'memcached'): number {
  const asked = { engine, bytesPerSession: 2_800, requestsPerSecond: 1, nodeMemoryBytes: memory, copies: 2 }
  const { bytesPerSessionStored } = planFleet({ ...asked, sessions: 1 })
  const sessions = Math.floor((0.75 * memory) / bytesPerSessionStored)
  expect([sessions, sessions + 1].map((count) => planFleet({ ...asked, sessions: count }).nodes)).toEqual([2, 4])
  return sessions
}

const version = nextVersion(null)
const expiresAt = Date.now() + 3_600_000
const bareBytes = packRecord({ version, expiresAt, value: new Uint8Array() }).byteLength

/** A session's record whose data is half of 2,800 bytes, one and a half times that, or between them: 2,800 in the mean. */
function recordOf(index: number): StoredRecord {
  const dataBytes = 1_400 + ((index * 37) % 2_801)
  return { version, expiresAt, value: Buffer.alloc(recordBytes(dataBytes) - bareBytes, 'a') }
}

async function fill(store: SessionStore, from: number, to: number): Promise<void> {
  for (let first = from; first < to; first += 500) {
    const some = Array.from({ length: Math.min(500, to - first) }, (_, index) => first + index)
    await Promise.all(some.map((index) => store.put(sameKey(index), recordOf(index), { expected: null })))
  }
}

test('a memcached that is as full as planned has evicted nothing, though sizes differ; it does with half as many more', async () => {
  const sessions = planned('memcached')
  const store = memcachedStore({ nodes: [memcached.address] })
  await fill(store, 0, sessions)
  // And the note that it is in use.
  expect(await memcached.stats()).toMatchObject({ evictions: '0', curr_items: String(sessions + 1) })
  await fill(store, sessions, Math.ceil(1.5 * sessions))
  expect(Number((await memcached.stats()).evictions)).toBeGreaterThan(0)
  await store.close?.()
})

test('a Redis that is as full as planned has room for more, though sizes differ', async () => {
  const sessions = planned('redis')
  const store = redisStore({ url: redis.url })
  await fill(store, 0, sessions)
  const used = Number(/used_memory:(\d+)/.exec(String(await redis.command('INFO', 'memory')))![1])
  expect(await redis.command('DBSIZE')).toBe(sessions)
  // Of sessions of one size 0.75; each of these is rounded up to a size of its own.
  expect(used / memory).toBeLessThan(0.86)
  expect(used / memory).toBeGreaterThan(0.7)
  await store.close?.()
})
