import { startReplicatedRedis, type RedisServer } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import { anyKey, anyRecord } from '../../../testing/any-record.ts'
import { redisStore } from '../redis-store.ts'

test('a store that is opened after the server in url has died, and its replica was promoted, finds the promoted one', async () => {
  const servers = await startReplicatedRedis({ replicas: 1 })
  onTestFinished(() => servers.close())
  const { primary } = servers
  const replica = servers.replicas[0] as RedisServer
  const options = { url: primary.url, replicas: [replica.url] }
  const before = redisStore(options)
  onTestFinished(() => before.close?.())
  const [key, first] = [anyKey(), anyRecord()]
  await before.put(key, first, { expected: null, durability: { replicas: 1, withinTimeout: 5_000 } })
  await primary.kill()
  await replica.command('REPLICAOF', 'NO', 'ONE')

  const store = redisStore(options)
  onTestFinished(() => store.close?.())
  expect(await store.get(key)).toMatchObject({ version: first.version })
  const second = anyRecord(first.version)
  expect(await store.put(key, second, { expected: first.version })).toEqual({ stored: true })
  expect(await store.get(key, { fresh: true })).toMatchObject({ version: second.version })
})
