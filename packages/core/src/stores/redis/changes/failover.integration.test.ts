import { startSentinels } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import { isSessionError } from '../../../errors.ts'
import type { Durability, StoredRecord } from '../../../record/store.ts'
import { anyKey, anyRecord } from '../../../testing/any-record.ts'
import { redisStore } from '../redis-store.ts'

/** What a caller knows of one key. */
interface Known {
  readonly key: string
  acknowledged: StoredRecord | undefined
  sent: StoredRecord | undefined
}

test.each<Durability>(['replicated', { replicas: 1, withinTimeout: 5_000 }])(
  'what was acknowledged (%o) survives a primary that is killed while it is written to, and an unknown outcome is settled by the same put',
  async (durability) => {
    const group = await startSentinels({ replicas: 1, sentinels: 1, downAfter: 300 })
    onTestFinished(() => group.close())
    const store = redisStore({ sentinels: group.sentinels.map(({ url }) => url), name: group.name })
    onTestFinished(() => store.close?.())
    const all = Array.from({ length: 20 }, (): Known => ({ key: anyKey(), acknowledged: undefined, sent: undefined }))
    let isDead = false

    async function write(known: Known): Promise<void> {
      while (!isDead) {
        const expected = known.acknowledged?.version ?? null
        known.sent = anyRecord(expected)
        try {
          expect(await store.put(known.key, known.sent, { expected, durability })).toEqual({ stored: true })
        } catch (error) {
          if (!isSessionError(error) || !isDead) throw error
          return
        }
        known.acknowledged = known.sent
      }
    }

    const first = await group.primary()
    // A replica that has its first copy is told of changes only once it has said so.
    await expect
      .poll(async () => String(await first.command('INFO', 'replication')), { timeout: 15_000 })
      .toMatch(/state=online,offset=[1-9]/)
    await store.get(anyKey())
    const writing = Promise.all(all.map(write))
    await expect
      .poll(() => all.every(({ acknowledged }) => acknowledged !== undefined && acknowledged.version > '0000000010'), { timeout: 15_000 })
      .toBe(true)
    isDead = true
    await first.kill()
    await writing
    await group.failedOver(first)

    for (const { key, acknowledged, sent } of all) {
      const found = (await store.get(key, { fresh: true }))?.version
      expect([acknowledged?.version, sent?.version]).toContain(found)
      // Nobody is left to wait for.
      const settled = await store.put(key, sent as StoredRecord, { expected: acknowledged?.version ?? null })
      expect(settled).toEqual({ stored: true })
    }
  },
)
