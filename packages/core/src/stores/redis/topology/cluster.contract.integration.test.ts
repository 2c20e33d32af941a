import { startRedisCluster } from '@holdfast/testbed'
import { afterAll, describe, test, vi } from 'vitest'
import { connected } from '../../../testing/connected.ts'
import { raceContract } from '../../../testing/race-contract.ts'
import { storeContract } from '../../../testing/store-contract.ts'
import { redisStore } from '../redis-store.ts'

// The same store on the real ioredis 5.
vi.resetModules()
vi.doMock('ioredis', () => import('ioredis-5'))
const { redisStore: redisStoreOn5 } = await import('../redis-store.ts')

const cluster = await startRedisCluster()
afterAll(() => cluster.close())
const place = { cluster: cluster.urls.slice(0, 2) }

describe.each([
  ['ioredis 6', () => connected(redisStore(place))],
  ['ioredis 5', () => connected(redisStoreOn5(place))],
])('a Cluster, %s', (_, makeStore) => {
  // Most of it is waiting for deadlines.
  storeContract({ describe, test: test.concurrent }, makeStore)
})

describe('a Cluster', () => {
  raceContract({ describe, test }, () => connected(redisStore(place)))
})
