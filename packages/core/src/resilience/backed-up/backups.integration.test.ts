import { startMemcached, startRedis } from '@holdfast/testbed'
import { afterAll, describe, expect, test } from 'vitest'
import type { SessionStore } from '../../record/store.ts'
import { memcachedStore } from '../../stores/memcached/memcached-store.ts'
import { memoryStore } from '../../stores/memory/memory-store.ts'
import { redisStore } from '../../stores/redis/redis-store.ts'
import { createSessions } from '../../session/manager.ts'
import { browser } from '../../testing/browser.ts'
import { raceContract } from '../../testing/race-contract.ts'
import { storeContract } from '../../testing/store-contract.ts'
import type { BackedUpOptions } from './backed-up-options.ts'
import { backedUp, type BackedUpStore } from './backed-up.ts'

const [redis, memcached] = await Promise.all([startRedis(), startMemcached()])
afterAll(() => Promise.all([redis.close(), memcached.close()]))

describe.each<[string, () => SessionStore]>([
  ['Redis', () => redisStore({ url: redis.url })],
  ['memcached', () => memcachedStore({ nodes: [memcached.address] })],
])('a memory store with %s behind', (_, makeBackup) => {
  // What is shown here is what is kept, not how fast: a machine under load must not decide.
  const make = (options: BackedUpOptions = {}): BackedUpStore => backedUp(memoryStore(), makeBackup(), { backupTimeout: 5_000, ...options })

  storeContract({ describe, test }, make)
  raceContract({ describe, test }, () => make({ every: 5 }))

  test('three nodes that are taken out one after the other, each while its users change things, lose nothing', async () => {
    const manager = () =>
      createSessions<{ count: number }>({
        store: make(),
        secrets: ['only for the tests of backups on servers'],
        initial: () => ({ count: 0 }),
        operationTimeout: 10_000,
        requestTimeout: 30_000,
      })
    const jars = Array.from({ length: 50 }, () => new Map<string, string>())
    for (let node = 0; node < 3; node += 1) {
      const sessions = manager()
      for (let count = 0; count < 3; count += 1)
        await Promise.all(
          jars.map((jar, at) => {
            const tab = browser(sessions, jar)
            return tab.visit((session) => session.update((data) => void (data.count += 1))).then(() => (jars[at] = tab.jar))
          }),
        )
      await sessions.close()
    }
    const sessions = manager()
    const counts = await Promise.all(jars.map(async (jar) => (await browser(sessions, jar).visit((session) => session.data.count)).answer))
    await sessions.close()
    expect(new Set(counts)).toEqual(new Set([9]))
  })
})
