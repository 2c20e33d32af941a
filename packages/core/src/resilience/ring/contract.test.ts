import { describe, test } from 'vitest'
import { memoryStore } from '../../stores/memory/memory-store.ts'
import { raceContract } from '../../testing/race-contract.ts'
import { storeContract } from '../../testing/store-contract.ts'
import { ring } from './ring.ts'
import type { RingOptions, RingStore } from './ring-options.ts'

function ringOf(count: number, options: RingOptions): RingStore {
  return ring(
    Array.from({ length: count }, (_, index) => ({ name: `node ${index}`, store: memoryStore() })),
    options,
  )
}

describe.each([
  ['one node', () => ringOf(1, {})],
  ['three nodes', () => ringOf(3, {})],
  ['three nodes, two copies', () => ringOf(3, { copies: 2 })],
  ['three nodes, two copies, one waited for', () => ringOf(3, { copies: 2, write: 1 })],
  ['five nodes, three copies', () => ringOf(5, { copies: 3 })],
  ['two nodes, three copies', () => ringOf(2, { copies: 3 })],
  ['three nodes, two copies, the first that answers', () => ringOf(3, { copies: 2, read: 'first' })],
])('a ring of %s', (_, makeStore) => {
  storeContract({ describe, test }, makeStore)
})

describe('a ring of three nodes, two copies', () => {
  raceContract({ describe, test }, () => ringOf(3, { copies: 2 }))
})
