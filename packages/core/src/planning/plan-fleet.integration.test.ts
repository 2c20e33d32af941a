import { createHash } from 'node:crypto'
import { startMemcached, startRedis } from '@holdfast/testbed'
import { afterAll, expect, test } from 'vitest'
import { packRecord } from '../record/pack.ts'
import type { StoredRecord } from '../record/store.ts'
import { nextVersion } from '../record/version.ts'
import { redisStore } from '../stores/redis/redis-store.ts'
import { planFleet } from './plan-fleet.ts'
import { recordBytes } from './stored-bytes.ts'

const mib = 2 ** 20
const memory = 64 * mib
const keyOf = (index: number): string => createHash('sha256').update(`session ${index}`).digest('base64url')

const memcached = await startMemcached({ memoryMegabytes: memory / mib })
const redis = await startRedis({ args: ['--maxmemory', String(memory), '--maxmemory-policy', 'noeviction'] })
afterAll(async () => {
  await Promise.all([memcached.close(), redis.close()])
})

/** As many sessions of 700 bytes as a plan puts on one node of this memory, while the other one is down. */
function planned(engine: 'redis' | 'memcached'): number {
  const asked = { engine, bytesPerSession: 700, requestsPerSecond: 1, nodeMemoryBytes: memory, copies: 2 }
  const { bytesPerSessionStored } = planFleet({ ...asked, sessions: 1 })
  const sessions = Math.floor((0.75 * memory) / bytesPerSessionStored)
  expect([sessions, sessions + 1].map((count) => planFleet({ ...asked, sessions: count }).nodes)).toEqual([2, 4])
  return sessions
}

const version = nextVersion(null)
const expiresAt = Date.now() + 3_600_000
const bareBytes = packRecord({ version, expiresAt, value: new Uint8Array() }).byteLength

/** A session's record whose data is half of 700 bytes, one and a half times that, or between them: 700 in the mean. */
function recordOf(index: number): StoredRecord {
  const dataBytes = 350 + ((index * 37) % 701)
  return { version, expiresAt, value: Buffer.alloc(recordBytes(dataBytes) - bareBytes, 'a') }
}

async function fillMemcached(from: number, to: number): Promise<Readonly<Record<string, string>>> {
  for (let first = from; first < to; first += 500) {
    const some = Array.from({ length: Math.min(500, to - first) }, (_, index) => first + index)
    const lines = some.flatMap((index) => {
      const value = Buffer.from(packRecord(recordOf(index))).toString('latin1')
      return [`set holdfast:${keyOf(index)} 0 3600 ${value.length}`, value]
    })
    await memcached.command(...(lines as [string, ...string[]]))
  }
  return memcached.stats()
}

test('a memcached that is as full as planned has evicted nothing, though sizes differ; it does with half as many more', async () => {
  const sessions = planned('memcached')
  expect(await fillMemcached(0, sessions)).toMatchObject({ evictions: '0', curr_items: String(sessions) })
  expect(Number((await fillMemcached(sessions, Math.ceil(1.5 * sessions))).evictions)).toBeGreaterThan(0)
})

test('a Redis that is as full as planned takes more, though sizes differ', async () => {
  const sessions = planned('redis')
  const store = redisStore({ url: redis.url })
  for (let first = 0; first < sessions; first += 500) {
    const some = Array.from({ length: Math.min(500, sessions - first) }, (_, index) => first + index)
    await Promise.all(some.map((index) => store.put(keyOf(index), recordOf(index), { expected: null })))
  }
  const used = Number(/used_memory:(\d+)/.exec(String(await redis.command('INFO', 'memory')))![1])
  expect(await redis.command('DBSIZE')).toBe(sessions)
  expect(used / memory).toBeLessThan(0.8)
  expect(used / memory).toBeGreaterThan(0.7)
  await store.close?.()
})
