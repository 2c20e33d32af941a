import { commandCalls, startReplicatedRedis } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import { onSessionEvent } from '../../../events.ts'
import { anyKey, anyRecord } from '../../../testing/any-record.ts'
import { redisStore } from '../redis-store.ts'

test('a primary that was busy for a while is asked first again, though its replica answers all the time', async () => {
  const { primary, replicas, close } = await startReplicatedRedis({ replicas: 1, args: ['--busy-reply-threshold', '50'] })
  onTestFinished(close)
  const store = redisStore({ url: primary.url, replicas: replicas.map(({ url }) => url) })
  onTestFinished(() => store.close?.())
  const states: string[] = []
  onTestFinished(onSessionEvent('breaker', ({ state }) => void states.push(state)))
  const [key, record] = [anyKey(), anyRecord()]
  await store.put(key, record, { expected: null, durability: { replicas: 1, withinTimeout: 5_000 } })
  async function read(): Promise<void> {
    expect(await store.get(key)).toMatchObject({ version: record.version })
  }

  const script = primary.command('EVAL', 'while true do end', 0).catch(() => 'ended')
  await expect.poll(() => primary.command('PING').catch(String), { timeout: 5_000 }).toContain('BUSY')
  for (let call = 0; call < 100 && !states.includes('open'); call += 1) {
    await read()
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  expect(states[0]).toBe('open')
  await primary.command('SCRIPT', 'KILL')
  expect(await script).toBe('ended')

  async function primaryAsked(): Promise<number> {
    const before = await commandCalls(primary, 'get')
    for (let call = 0; call < 20; call += 1) await read()
    return (await commandCalls(primary, 'get')) - before
  }
  await expect.poll(primaryAsked, { timeout: 5_000 }).toBe(20)
  expect(states.at(-1)).toBe('closed')
})
