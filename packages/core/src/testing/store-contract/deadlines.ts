import type { SessionStore } from '../../record/store.ts'
import { check, checkRecord, checkRefused, liveRecord, storeFirst } from './check.ts'
import type { DefinePromise } from './subject.ts'

const day = 86_400_000

export function promisesOfDeadlines(promise: DefinePromise): void {
  promise('a record whose deadline has passed is none', async ({ store, key }) => {
    const record = await storeFirst(store, key, liveRecord('one', null, Date.now() + 250))
    await checkExpires(store, key, record.expiresAt)
    const touched = await store.touch(key, Date.now() + 60_000)
    check(!touched, 'touch answers false for a record whose deadline has passed.', touched)
    checkRefused(
      await store.put(key, liveRecord('two', record.version), { expected: record.version }),
      null,
      'a record whose deadline has passed is none: a put that expects its version is not stored.',
    )
    await storeFirst(store, key, liveRecord('three'))
  })

  promise('a record that is put with a deadline in the past is none', async ({ store, key }) => {
    await store.put(key, liveRecord('one', null, Date.now() - 1_000), { expected: null })
    const found = await store.get(key)
    check(found === null, 'get answers null when the deadline has passed.', found)
  })

  promise('a put may move the deadline earlier', async ({ store, key }) => {
    const first = await storeFirst(store, key, liveRecord('one'))
    const second = liveRecord('two', first.version, Date.now() + 250)
    await store.put(key, second, { expected: first.version })
    await checkExpires(store, key, second.expiresAt)
  })

  promise('a put may move the deadline later', async ({ store, key }) => {
    const first = await storeFirst(store, key, liveRecord('one', null, Date.now() + 1_000))
    const second = liveRecord('two', first.version)
    const result = await store.put(key, second, { expected: first.version })
    check(result.stored, 'put stores a record when the one there has the version it expects.', result)
    await until(first.expiresAt + 100)
    checkRecord(await store.get(key), second, 'a record lives until the deadline of its last put.')
  })

  promise('a touched record lives until its new deadline', async ({ store, key }) => {
    const record = await storeFirst(store, key, liveRecord('one', null, Date.now() + 1_000))
    const later = record.expiresAt + 60_000
    const touched = await store.touch(key, later)
    check(touched, 'touch answers true for a live record.', touched)
    await until(record.expiresAt + 100)
    checkRecord(await store.get(key), { ...record, expiresAt: later }, 'a touched record lives until its new deadline.')
  })

  for (const days of [31, 400]) {
    promise(`a record may live for ${days} days`, async ({ store, key }) => {
      const record = await storeFirst(store, key, liveRecord('one', null, Date.now() + days * day))
      checkRecord(await store.get(key), record, `a deadline in ${days} days is kept to the millisecond.`)
      const later = record.expiresAt + day
      await store.touch(key, later)
      checkRecord(await store.get(key), { ...record, expiresAt: later }, `a deadline in ${days + 1} days is kept to the millisecond.`)
    })
  }
}

/** A backend may count in seconds, but what it gives past the deadline is not to reach the caller. */
async function checkExpires(store: SessionStore, key: string, expiresAt: number): Promise<void> {
  await until(expiresAt + 50)
  const found = await store.get(key)
  check(found === null, 'get answers null when the deadline has passed.', found)
}

async function until(instant: number): Promise<void> {
  while (Date.now() < instant) await new Promise((resolve) => setTimeout(resolve, instant - Date.now()))
}
