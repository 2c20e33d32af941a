import { commandCalls, startReplicatedRedis } from '@holdfast/testbed'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { anyKey, anyRecord } from '../../../testing/any-record.ts'
import { connected } from '../../../testing/connected.ts'
import { raceContract } from '../../../testing/race-contract.ts'
import { storeContract } from '../../../testing/store-contract.ts'
import { redisStore } from '../redis-store.ts'

// The same store on the real ioredis 5.
vi.resetModules()
vi.doMock('ioredis', () => import('ioredis-5'))
const { redisStore: redisStoreOn5 } = await import('../redis-store.ts')

const servers = await startReplicatedRedis({ replicas: 1 })
afterAll(() => servers.close())
const place = { url: servers.primary.url, replicas: servers.replicas.map(({ url }) => url) }

describe.each([
  ['hedged reads', () => connected(redisStore(place))],
  ['hedged reads, ioredis 5', () => connected(redisStoreOn5(place))],
  ['reads from the replica', () => connected(redisStore({ ...place, readFrom: 'replica' }))],
  ['reads from the primary', () => connected(redisStore({ ...place, readFrom: 'primary' }))],
])('a primary and its replica, %s', (_, makeStore) => {
  // Most of it is waiting for deadlines.
  storeContract({ describe, test: test.concurrent }, makeStore)
})

// With hedged reads it is run behind Sentinels and on a Cluster.
describe('a primary and its replica, reads from the replica', () => {
  raceContract({ describe, test }, () => connected(redisStore({ ...place, readFrom: 'replica' })))
})

test('the database of url is that of the replicas too', async () => {
  const store = redisStore({ ...place, url: `${place.url}/2`, readFrom: 'replica' })
  onTestFinished(() => store.close?.())
  const [key, record] = [anyKey(), anyRecord()]
  await store.put(key, record, { expected: null, durability: { replicas: 1, withinTimeout: 5_000 } })
  for (const server of [servers.primary, ...servers.replicas])
    expect(String(await server.command('INFO', 'keyspace'))).toContain('db2:keys=1')
  // Once it knows the replica, whose answers count.
  await expect
    .poll(async () => {
      const before = await commandCalls(servers.primary, 'get')
      for (let call = 0; call < 20; call += 1) await store.get(key)
      return (await commandCalls(servers.primary, 'get')) - before
    })
    .toBe(0)
})
