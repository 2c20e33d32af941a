import { randomBytes } from 'node:crypto'
import type { SessionStore, StoredRecord } from '../../record/store.ts'
import { endedVersion } from '../../record/version.ts'
import { check, checkRecord, checkRefused, liveRecord, storeFirst } from './check.ts'
import type { DefinePromise } from './subject.ts'

export function promisesOfEnding(promise: DefinePromise): void {
  promise('an ended record (an empty value) is kept and given', async ({ store, key }) => {
    const { ended } = await storeEnded(store, key)
    checkRecord(await store.get(key), ended, 'a record with an empty value is kept and given like any other.')
  })

  promise('an ended record is compared like any other', async ({ store, key }) => {
    const { live, ended } = await storeEnded(store, key)
    checkRefused(
      await store.put(key, liveRecord('slow', live.version), { expected: live.version }),
      ended,
      'a change of a session that was ended meanwhile is not stored.',
    )
    checkRefused(
      await store.put(key, liveRecord('new'), { expected: null }),
      ended,
      'an ended record is a record: put with expected null is not stored.',
    )
    const again = await store.put(key, ended, { expected: live.version })
    check(again.stored, 'the same put of an ended record twice is the same as once.', again)
    checkRecord(await store.get(key), ended, 'an ended record stays as it is.')
  })

  promise('an ended record cannot be touched', async ({ store, key }) => {
    const { ended } = await storeEnded(store, key)
    const touched = await store.touch(key, ended.expiresAt + 60_000)
    check(!touched, 'touch answers false for an ended record.', touched)
    checkRecord(await store.get(key), ended, 'touch does not move the deadline of an ended record.')
  })

  promise('an ended record can be the first of its key', async ({ store, key }) => {
    const ended: StoredRecord = { ...liveRecord(''), version: endedVersion(null, { endedAt: Date.now(), successor: undefined }) }
    await storeFirst(store, key, ended)
    checkRecord(await store.get(key), ended, 'an ended record is stored where none is.')
  })
}

async function storeEnded(store: SessionStore, key: string): Promise<{ live: StoredRecord; ended: StoredRecord }> {
  const live = await storeFirst(store, key, liveRecord('one'))
  const ended: StoredRecord = {
    version: endedVersion(live.version, { endedAt: Date.now(), successor: { id: randomBytes(32).toString('base64url'), signIn: true } }),
    expiresAt: live.expiresAt,
    value: new Uint8Array(),
  }
  const result = await store.put(key, ended, { expected: live.version })
  check(result.stored, 'put stores an ended record over the live one it expects.', result)
  return { live, ended }
}
