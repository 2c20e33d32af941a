import { commandCalls, startRedis, startReplicatedRedis, type RedisServer, type ReplicatedRedis } from '@holdfast/testbed'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { SessionStore } from '../../record/store.ts'
import { createSessions } from '../../session/manager.ts'
import { redisStore } from '../../stores/redis/redis-store.ts'
import { raceContract } from '../../testing/race-contract.ts'
import { storeContract } from '../../testing/store-contract.ts'
import { nearCache } from './near-cache.ts'

let redis: RedisServer
let replicated: ReplicatedRedis
beforeAll(async () => {
  redis = await startRedis()
  replicated = await startReplicatedRedis({ replicas: 1 })
})
afterAll(async () => {
  await redis.close()
  await replicated.close()
})

describe('over one Redis', () => {
  storeContract({ describe, test }, () => nearCache(redisStore({ url: redis.url })))
  raceContract({ describe, test }, () => nearCache(redisStore({ url: redis.url })))
})

describe('over a primary with a replica', () => {
  storeContract({ describe, test }, () => nearCache(redisStore({ url: replicated.primary.url, replicas: [replicated.replicas[0]!.url] })))
})

interface Data {
  count: number
}

/** So many processes with a near cache each. */
function processes(count: number) {
  const caches = Array.from({ length: count }, () => nearCache(redisStore({ url: redis.url })))
  const managers = caches.map((store: SessionStore) =>
    createSessions<Data>({ store, secrets: ['x'.repeat(32)], initial: () => ({ count: 0 }) }),
  )
  const close = (): Promise<unknown> => Promise.all(managers.map((sessions) => sessions.close()))
  return { caches, managers, close }
}

test('a warm read asks Redis nothing; a change elsewhere is asked for once, and seen without the freshness cookie', async () => {
  const { managers, caches, close } = processes(2)
  const [here, there] = managers as [(typeof managers)[0], (typeof managers)[0]]
  try {
    const { cookie } = await here.create({ count: 0 })
    await there.open(cookie).load()
    // Whatever was known before somebody listened is asked for anew.
    await vi.waitFor(() => expect(caches.every((cache) => cache.stats().emptied > 0)).toBe(true))
    await there.open(cookie).load()
    const before = await commandCalls(redis, 'get')
    for (let read = 0; read < 100; read += 1) expect((await there.open(cookie).load()).data.count).toBe(0)
    expect(await commandCalls(redis, 'get')).toBe(before)
    const changing = here.open(cookie)
    ;(await changing.load()).update((data) => void (data.count = 1))
    await changing.commit()
    await vi.waitFor(async () => expect((await there.open(cookie).load()).data.count).toBe(1))
    // One at the node that changed it, which had been emptied and asked once, and one here.
    expect((await commandCalls(redis, 'get')) - before).toBeLessThanOrEqual(2)
  } finally {
    await close()
  }
})

test('S4, S8: a sign-out and a new token show on every other node, each of 50', async () => {
  const { managers, caches, close } = processes(3)
  const [here, ...others] = managers as [(typeof managers)[0], ...typeof managers]
  try {
    await Promise.all(managers.map((sessions) => sessions.ready()))
    for (let round = 0; round < 50; round += 1) {
      const { cookie } = await here.create({ count: round }, { subject: 'u1' })
      for (const other of [...others, ...others]) expect((await other.open(cookie).load()).outcome).toBe('live')
      const leaving = here.open(cookie)
      const session = await leaving.load()
      if (round % 2 === 0) session.destroy()
      else session.regenerate()
      await leaving.commit()
      expect((await here.open(cookie).load()).outcome).toBe('ended')
      for (const other of others) await vi.waitFor(async () => expect((await other.open(cookie).load()).outcome).toBe('ended'))
    }
    expect(caches.every((cache) => cache.stats().hits > 0)).toBe(true)
  } finally {
    await close()
  }
})

test('S21: load({ fresh: true }) goes past the copy', async () => {
  const { managers, close } = processes(1)
  const [sessions] = managers as [(typeof managers)[0]]
  try {
    const { cookie } = await sessions.create({ count: 0 })
    const before = await commandCalls(redis, 'get')
    await sessions.open(cookie).load({ fresh: true })
    expect(await commandCalls(redis, 'get')).toBe(before + 1)
  } finally {
    await close()
  }
})
