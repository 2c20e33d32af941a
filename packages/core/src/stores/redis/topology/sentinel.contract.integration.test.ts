import { startSentinels } from '@holdfast/testbed'
import { afterAll, describe, test, vi } from 'vitest'
import { raceContract } from '../../../testing/race-contract.ts'
import { storeContract } from '../../../testing/store-contract.ts'
import { redisStore } from '../redis-store.ts'

// The same store on the real ioredis 5.
vi.resetModules()
vi.doMock('ioredis', () => import('ioredis-5'))
const { redisStore: redisStoreOn5 } = await import('../redis-store.ts')

const group = await startSentinels({ replicas: 1, sentinels: 1 })
afterAll(() => group.close())
const place = { sentinels: group.sentinels.map(({ url }) => url), name: group.name }

describe.each([
  ['ioredis 6', () => redisStore(place)],
  ['ioredis 5', () => redisStoreOn5(place)],
])('what a Sentinel watches, %s', (_, makeStore) => {
  storeContract({ describe, test }, makeStore)
})

describe('what a Sentinel watches', () => {
  raceContract({ describe, test }, () => redisStore(place))
})
