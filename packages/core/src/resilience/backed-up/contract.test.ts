import { describe, test } from 'vitest'
import { memoryStore } from '../../stores/memory/memory-store.ts'
import { announcingStore } from '../../testing/announcing-store.ts'
import { raceContract } from '../../testing/race-contract.ts'
import { storeContract } from '../../testing/store-contract.ts'
import type { BackedUpOptions } from './backed-up-options.ts'
import { backedUp, type BackedUpStore } from './backed-up.ts'

function memoryBackedUp(options?: BackedUpOptions): BackedUpStore {
  return backedUp(memoryStore(), memoryStore(), options)
}

describe.each<[string, () => BackedUpStore]>([
  ['one store with another behind', () => memoryBackedUp()],
  ['copied at every turn, and always compared', () => memoryBackedUp({ every: 1, revalidate: 0 })],
  ['with a backup that tells of changes', () => backedUp(memoryStore(), announcingStore(memoryStore()))],
  ['with a backup that answers from copies', () => backedUp(memoryStore(), { ...memoryStore(), answersFromCopies: true })],
  ['with room for one local session', () => backedUp(memoryStore({ maxEntries: 1 }), memoryStore(), { every: 1 })],
  ['with room for one change that waits', () => memoryBackedUp({ maxPending: 1 })],
  ['with memory of one session', () => memoryBackedUp({ maxEntries: 1, every: 1 })],
])('%s', (_, makeStore) => {
  storeContract({ describe, test }, makeStore)
})

describe.each<[string, () => BackedUpStore]>([
  ['one store with another behind', () => memoryBackedUp({ every: 5 })],
  [
    'with a backup that tells of changes, always compared',
    () => backedUp(memoryStore(), announcingStore(memoryStore()), { revalidate: 0 }),
  ],
])('%s', (_, makeStore) => {
  raceContract({ describe, test }, makeStore)
})
