import { startMemcached, type MemcachedServer } from '@holdfast/testbed'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { raceContract } from '../../testing/race-contract.ts'
import { memcachedStore } from './memcached-store.ts'

let memcached: MemcachedServer
beforeAll(async () => {
  memcached = await startMemcached()
})
afterAll(async () => memcached.close())

raceContract({ describe, test }, () => memcachedStore({ nodes: [memcached.address] }))
