import type { StoredRecord } from '../../record/store.ts'
import { nextVersion } from '../../record/version.ts'
import { check, checkRecord, liveRecord, storeFirst } from './check.ts'
import type { DefinePromise } from './subject.ts'

export function promisesOfGet(promise: DefinePromise): void {
  promise('get answers null when there is no record', async ({ store, key }) => {
    const found = await store.get(key)
    check(found === null, 'get answers null when there is no record; missing is not an error.', found)
  })

  promise('get gives what put stored', async ({ store, key }) => {
    const record = await storeFirst(store, key, liveRecord('one'))
    checkRecord(await store.get(key), record, 'get gives the version, the deadline and the bytes that put stored.')
  })

  promise('get gives the newest record when asked for a fresh one, or for at least its version', async ({ store, key }) => {
    const first = await storeFirst(store, key, liveRecord('one'))
    const second = liveRecord('two', first.version)
    await store.put(key, second, { expected: first.version })
    checkRecord(await store.get(key, { fresh: true }), second, 'get with fresh gives the newest record.')
    checkRecord(await store.get(key, { atLeast: second.version }), second, 'get with atLeast gives no older record.')
  })

  promise('get with atLeast answers with what the authority has, even if that is older', async ({ store, key }) => {
    const record = await storeFirst(store, key, liveRecord('one'))
    const atLeast = nextVersion(nextVersion(record.version))
    checkRecord(await store.get(key, { atLeast }), record, 'what the authority has is the answer to atLeast, even if it is older.')
  })

  promise('getLocal gives what get does, or nothing, and never less than atLeast', async ({ store, key }) => {
    if (store.getLocal === undefined) return
    const local = (atLeast?: string): StoredRecord | undefined => store.getLocal?.(key, { atLeast })
    check(local() === undefined, 'getLocal gives undefined when there is no record.', local())
    let last = await storeFirst(store, key, liveRecord('one'))
    for (const text of ['two', 'three', '']) {
      await store.get(key)
      const found = local()
      if (found !== undefined) checkRecord(found, last, 'getLocal gives what get does, or undefined.')
      const next = liveRecord(text, last.version)
      const less = local(next.version)
      check(less === undefined, 'getLocal with atLeast gives no older record.', less)
      await store.put(key, next, { expected: last.version })
      last = next
      const after = local(last.version)
      if (after !== undefined) checkRecord(after, last, 'getLocal gives what get does, or undefined.')
    }
  })

  promise('keys that differ in one character, or in case only, are different', async ({ store, key, newKey }) => {
    const end = newKey().slice(1)
    const keys = [key, `a${end}`, `A${end}`, `b${end}`, `-${end}`, `_${end}`]
    for (const each of keys.slice(1)) {
      const found = await store.get(each)
      check(found === null, 'each key has a record of its own.', found)
      const record = await storeFirst(store, each, liveRecord(each))
      checkRecord(await store.get(each), record, 'each key has a record of its own.')
      await store.delete(each)
    }
  })
}
