import { expect, onTestFinished, test } from 'vitest'
import { startReplicatedRedis } from './replicated-redis.ts'

test('every replica has what the primary was given, also after it was restarted', async () => {
  const servers = await startReplicatedRedis({ appendonly: true })
  onTestFinished(() => servers.close())
  const { primary, replicas } = servers
  expect(replicas).toHaveLength(2)
  await primary.command('SET', 'key', 'value')
  for (const replica of replicas) await expect.poll(() => replica.command('GET', 'key'), { timeout: 15_000 }).toBe('value')

  await Promise.all([primary, ...replicas].map((server) => server.kill()))
  await Promise.all([primary, ...replicas].map((server) => server.restart()))
  await servers.settled()
  for (const replica of replicas) expect(await replica.command('GET', 'key')).toBe('value')
})

test('says why it could not start', async () => {
  await expect(startReplicatedRedis({ args: ['--no-such-option', 'yes'] })).rejects.toThrow(/ended at once[^]*no-such-option/)
})
