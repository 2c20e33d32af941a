import { startReplicatedRedis } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import type { Durability } from '../../../record/store.ts'
import { anyKey, anyRecord } from '../../../testing/any-record.ts'
import { redisStore } from '../redis-store.ts'

test('many changes that wait long for a replica that is away leave a connection to those that do not', async () => {
  const { primary, replicas, close } = await startReplicatedRedis({ replicas: 1 })
  onTestFinished(close)
  const store = redisStore({ url: primary.url, replicas: replicas.map(({ url }) => url) })
  onTestFinished(() => store.close?.())
  const codeOf = ({ code }: { code: string }): string => code
  const put = (durability: Durability): Promise<string> =>
    store.put(anyKey(), anyRecord(), { expected: null, durability }).then(() => 'stored', codeOf)
  expect(await put({ replicas: 1, withinTimeout: 5_000 })).toBe('stored')

  const order: string[] = []
  const long: Promise<string>[] = []
  const waiting = async (): Promise<number> => Number(/^blocked_clients:(\d+)/m.exec(String(await primary.command('INFO', 'clients')))?.[1])
  for (let change = 0; change < 6; change += 1) {
    // Of two kinds, since those that wait for the same share a connection.
    const outcome = put({ replicas: 2, withinTimeout: 2_000 - (change % 2) })
    void outcome.then(() => order.push('long'))
    long.push(outcome)
    if (change < 2) await expect.poll(waiting, { interval: 5 }).toBe(change + 1)
    else await new Promise((resolve) => setTimeout(resolve, 50))
  }
  for (let change = 0; change < 3; change += 1) {
    // Its replica may be late, on a machine that is.
    expect(['stored', 'ERR_NOT_DURABLE']).toContain(await put('replicated'))
    order.push('short')
  }
  expect(order).toEqual(['short', 'short', 'short'])
  expect(await Promise.all(long.slice(0, 2))).toEqual(['ERR_NOT_DURABLE', 'ERR_NOT_DURABLE'])
  await Promise.all(long)
})
