import { describe, test } from 'vitest'
import { memoryStore } from '../../stores/memory/memory-store.ts'
import { announcingStore } from '../../testing/announcing-store.ts'
import { raceContract } from '../../testing/race-contract.ts'
import { storeContract } from '../../testing/store-contract.ts'
import { nearCache } from './near-cache.ts'

describe('over a store that tells of changes', () => {
  storeContract({ describe, test }, () => nearCache(announcingStore(memoryStore())))
  raceContract({ describe, test }, () => nearCache(announcingStore(memoryStore())))
})

describe('over a store that does not', () => {
  storeContract({ describe, test }, () => nearCache(memoryStore()))
})

describe('over a store that answers from copies', () => {
  storeContract({ describe, test }, () => nearCache({ ...memoryStore(), answersFromCopies: true }))
})

describe('with room for a single session', () => {
  storeContract({ describe, test }, () => nearCache(memoryStore(), { maxEntries: 1 }))
})
