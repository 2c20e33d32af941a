import { check, checkRecord, liveRecord, storeFirst } from './check.ts'
import type { DefinePromise } from './subject.ts'

export function promisesOfTouch(promise: DefinePromise): void {
  promise('touch moves the deadline later, and neither the value nor the version', async ({ store, key }) => {
    const record = await storeFirst(store, key, liveRecord('one'))
    const later = record.expiresAt + 60_001
    const touched = await store.touch(key, later)
    check(touched, 'touch answers true for a live record.', touched)
    checkRecord(await store.get(key), { ...record, expiresAt: later }, 'touch moves the deadline later, never the value or the version.')
  })

  promise('touch never moves the deadline earlier', async ({ store, key }) => {
    const record = await storeFirst(store, key, liveRecord('one'))
    const touched = await store.touch(key, record.expiresAt - 60_000)
    check(touched, 'touch answers true for a live record, also when there is nothing to move.', touched)
    checkRecord(await store.get(key), record, 'touch never moves the deadline earlier.')
  })

  promise('after a touch, a put still finds the version it expects', async ({ store, key }) => {
    const first = await storeFirst(store, key, liveRecord('one'))
    await store.touch(key, first.expiresAt + 60_000)
    const result = await store.put(key, liveRecord('two', first.version), { expected: first.version })
    check(result.stored, 'touch changes no version: a put still finds the one it expects.', result)
  })

  promise('touch answers false when there is no record, and makes none', async ({ store, key }) => {
    const touched = await store.touch(key, Date.now() + 60_000)
    check(!touched, 'touch answers false when there is no record.', touched)
    const found = await store.get(key)
    check(found === null, 'touch makes no record.', found)
  })
}
