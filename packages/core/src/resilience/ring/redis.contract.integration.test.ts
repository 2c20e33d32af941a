import { startRedis } from '@holdfast/testbed'
import { afterAll, describe, test } from 'vitest'
import { redisStore } from '../../stores/redis/redis-store.ts'
import { connected } from '../../testing/connected.ts'
import { raceContract } from '../../testing/race-contract.ts'
import { storeContract } from '../../testing/store-contract.ts'
import { ring } from './ring.ts'
import type { RingStore } from './ring-options.ts'

const servers = await Promise.all([startRedis(), startRedis(), startRedis()])
afterAll(() => Promise.all(servers.map((server) => server.close())))

function ringOf(count: number, copies: number): Promise<RingStore> {
  const nodes = servers.slice(0, count).map(({ url }) => ({ name: url, store: redisStore({ url }) }))
  return connected(ring(nodes, { copies }))
}

describe.each([
  ['two Redis servers', () => ringOf(2, 1)],
  ['two Redis servers, two copies', () => ringOf(2, 2)],
  ['three Redis servers', () => ringOf(3, 1)],
  ['three Redis servers, two copies', () => ringOf(3, 2)],
])('a ring of %s', (_, makeStore) => {
  storeContract({ describe, test }, makeStore)
})

describe('a ring of three Redis servers, two copies', () => {
  raceContract({ describe, test }, () => ringOf(3, 2))
})
