import { spawnSync } from 'node:child_process'
import { startReplicatedRedis, type RedisServer } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import { anyKey, anyRecord } from '../../../testing/any-record.ts'
import { redisStore } from '../redis-store.ts'

/** Closes a connection while this process stands still: it hears of it after what it has just been told to send. */
function killMeanwhile({ port }: RedisServer, id: string): void {
  const code = `
    const socket = require('node:net').connect(${port}, '127.0.0.1')
    socket.write('CLIENT KILL ID ${id}\\r\\n')
    socket.once('data', (reply) => process.exit(String(reply) === ':1\\r\\n' ? 0 : 1))`
  expect(spawnSync(process.execPath, ['--eval', code], { timeout: 10_000 }).status).toBe(0)
}

test('the connection of changes that wait is closed just as one is sent: it is sent over another, and all else goes on', async () => {
  const { primary, replicas, close } = await startReplicatedRedis({ replicas: 1 })
  onTestFinished(close)
  const store = redisStore({ url: primary.url, replicas: replicas.map(({ url }) => url) })
  onTestFinished(() => store.close?.())
  const durability = { replicas: 1, withinTimeout: 5_000 }
  await store.put(anyKey(), anyRecord(), { expected: null, durability })
  const [, id] = /^id=(\d+) .* cmd=wait /m.exec(String(await primary.command('CLIENT', 'LIST'))) ?? []

  // What is sent in this phase of the event loop goes out after the next look at the sockets.
  await new Promise((resolve) => setImmediate(resolve))
  const change = store.put(anyKey(), anyRecord(), { expected: null, durability })
  killMeanwhile(primary, id as string)
  expect(await change).toEqual({ stored: true })
  expect(await store.put(anyKey(), anyRecord(), { expected: null })).toEqual({ stored: true })
  expect(await store.get(anyKey(), { fresh: true })).toBeNull()
})
