import { check, checkRecord, checkRefused, liveRecord, storeFirst } from './check.ts'
import type { DefinePromise } from './subject.ts'

export function promisesOfPut(promise: DefinePromise): void {
  promise('put replaces the record whose version it expects', async ({ store, key }) => {
    const first = await storeFirst(store, key, liveRecord('one'))
    const second = liveRecord('two', first.version)
    const result = await store.put(key, second, { expected: first.version })
    check(result.stored, 'put stores a record when the one there has the version it expects.', result)
    checkRecord(await store.get(key), second, 'put replaces the record.')
  })

  promise('put with a version that is not there changes nothing and answers with what is', async ({ store, key }) => {
    const record = await storeFirst(store, key, liveRecord('one'))
    const stale = liveRecord('stale').version
    checkRefused(
      await store.put(key, liveRecord('two', stale), { expected: stale }),
      record,
      'put does not store when the record there has another version than expected.',
    )
    checkRecord(await store.get(key), record, 'a put that is not stored changes nothing.')
  })

  promise('put with expected null is refused where a record is', async ({ store, key }) => {
    const record = await storeFirst(store, key, liveRecord('one'))
    checkRefused(
      await store.put(key, liveRecord('two'), { expected: null }),
      record,
      'put with expected null stores only where there is no record.',
    )
    checkRecord(await store.get(key), record, 'a put that is not stored changes nothing.')
  })

  promise('put with an expected version is refused where no record is', async ({ store, key }) => {
    const { version } = liveRecord('gone')
    checkRefused(
      await store.put(key, liveRecord('two', version), { expected: version }),
      null,
      'put with an expected version stores nothing where there is no record.',
    )
    const found = await store.get(key)
    check(found === null, 'a put that is not stored changes nothing.', found)
  })

  promise('the same put twice is the same as once', async ({ store, key }) => {
    const first = await storeFirst(store, key, liveRecord('one'))
    const again = await store.put(key, first, { expected: null })
    check(again.stored, 'a put whose very version is there already is stored (a first record).', again)

    const second = liveRecord('two', first.version)
    await store.put(key, second, { expected: first.version })
    const secondAgain = await store.put(key, second, { expected: first.version })
    check(secondAgain.stored, 'a put whose very version is there already is stored (a change).', secondAgain)
    checkRecord(await store.get(key), second, 'sending the same put twice is the same as once.')
  })

  promise('the same put again leaves a deadline that was moved since', async ({ store, key }) => {
    const record = await storeFirst(store, key, liveRecord('one'))
    const later = record.expiresAt + 60_000
    await store.touch(key, later)
    await store.put(key, record, { expected: null })
    checkRecord(
      await store.get(key),
      { ...record, expiresAt: later },
      'sending the same put twice is the same as once: a touch between them stays.',
    )
  })

  promise('the same put again is refused once a newer record is there', async ({ store, key }) => {
    const first = await storeFirst(store, key, liveRecord('one'))
    const second = liveRecord('two', first.version)
    await store.put(key, second, { expected: first.version })
    checkRefused(await store.put(key, first, { expected: null }), second, 'an old put that arrives late is not stored.')
    checkRecord(await store.get(key), second, 'an old put that arrives late changes nothing.')
  })
}
