import { startReplicatedRedis } from '@holdfast/testbed'
import { afterAll, describe, test, vi } from 'vitest'
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
  ['hedged reads', () => redisStore(place)],
  ['hedged reads, ioredis 5', () => redisStoreOn5(place)],
  ['reads from the replica', () => redisStore({ ...place, readFrom: 'replica' })],
  ['reads from the primary', () => redisStore({ ...place, readFrom: 'primary' })],
])('a primary and its replica, %s', (_, makeStore) => {
  storeContract({ describe, test }, makeStore)
})

// With hedged reads it is run behind Sentinels and on a Cluster.
describe('a primary and its replica, reads from the replica', () => {
  raceContract({ describe, test }, () => redisStore({ ...place, readFrom: 'replica' }))
})
