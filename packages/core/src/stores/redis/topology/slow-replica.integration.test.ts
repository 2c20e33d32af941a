import { commandCalls, startFaultProxy, startRedisCluster, type RedisServer } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import { anyKey, anyRecord } from '../../../testing/any-record.ts'
import { redisStore } from '../redis-store.ts'

test('a replica of a Cluster that comes to light while it is being greeted answers reads', async () => {
  const cluster = await startRedisCluster({ shards: 1 })
  onTestFinished(() => cluster.close())
  const [primary, replica] = cluster.nodes as [RedisServer, RedisServer]
  const [near, far] = [await startFaultProxy(primary), await startFaultProxy(replica)]
  onTestFinished(async () => {
    await Promise.all([near.close(), far.close()])
  })
  const nat = { [`127.0.0.1:${primary.port}`]: `127.0.0.1:${near.port}`, [`127.0.0.1:${replica.port}`]: `127.0.0.1:${far.port}` }

  // Its answer to the greeting is held until the primary has said what it is.
  near.stall()
  far.onReply((reply) => {
    if (reply.includes('loading:')) {
      far.stall()
      near.resume()
    }
    return 'pass'
  })
  const store = redisStore({ cluster: [far.url(), near.url()], nat, readFrom: 'replica' })
  onTestFinished(() => store.close?.())
  const [key, record] = [anyKey(), anyRecord()]
  expect(await store.put(key, record, { expected: null })).toEqual({ stored: true })
  far.onReply(undefined)
  far.resume()

  /** How many of 20 reads it answers. */
  async function answered(): Promise<number> {
    const before = await commandCalls(replica, 'get')
    for (let call = 0; call < 20; call += 1) expect(await store.get(key)).toMatchObject({ version: record.version })
    return (await commandCalls(replica, 'get')) - before
  }
  await expect.poll(answered, { timeout: 5_000 }).toBe(20)
})
