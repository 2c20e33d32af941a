import { expect, test } from 'vitest'
import { memoryStore } from '../../stores/memory/memory-store.ts'
import type { BackedUpOptions } from './backed-up-options.ts'
import { backedUp } from './backed-up.ts'

test.each<[string, unknown]>([
  ['revalidate', -1],
  ['revalidate', Infinity],
  ['every', 0],
  ['every', '1s'],
  ['every', 120_000],
  ['maxPending', 0],
  ['maxPending', 1.5],
  ['maxPendingBytes', 0],
  ['backupTimeout', 0],
  ['maxEntries', 0],
  ['clock', {}],
])('%s: %s is refused by name', (option, given) => {
  expect(() => backedUp(memoryStore(), memoryStore(), { [option]: given } as BackedUpOptions)).toThrow(
    expect.objectContaining({ code: 'ERR_OPTION', message: expect.stringContaining(`backedUp({ ${option} })`) as string }),
  )
})

test('what is no store, and what are no options, is refused', () => {
  const store = memoryStore()
  expect(() => backedUp(undefined as never, store)).toThrow('backedUp(local) is undefined')
  expect(() => backedUp(store, {} as never)).toThrow('backedUp(local, backup) is an object')
  expect(() => backedUp(store, store, null as never)).toThrow('backedUp(local, backup, options) is null')
})
