import { startSentinels } from '@holdfast/testbed'
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

const group = await startSentinels({ replicas: 1, sentinels: 1 })
afterAll(() => group.close())
const place = { sentinels: group.sentinels.map(({ url }) => url), name: group.name }

describe.each([
  ['ioredis 6', () => connected(redisStore(place))],
  ['ioredis 5', () => connected(redisStoreOn5(place))],
])('what a Sentinel watches, %s', (_, makeStore) => {
  // Most of it is waiting for deadlines.
  storeContract({ describe, test: test.concurrent }, makeStore)
})

describe('what a Sentinel watches', () => {
  raceContract({ describe, test }, () => connected(redisStore(place)))
})

test('sessions are in the database that is asked for', async () => {
  const store = redisStore({ ...place, database: 3 })
  onTestFinished(() => store.close?.())
  const [one, other] = [anyRecord(), anyRecord()]
  await store.put(anyKey(), one, { expected: null })
  await store.put(anyKey(), other, { expected: null, durability: { replicas: 1, withinTimeout: 5_000 } })
  for (const node of group.nodes) expect(String(await node.command('INFO', 'keyspace'))).toContain('db3:keys=2')
})
