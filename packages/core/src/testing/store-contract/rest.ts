import { isSessionError } from '../../errors.ts'
import type { PutResult } from '../../record/store.ts'
import { check, checkRecord, checkRejects, liveRecord, storeFirst } from './check.ts'
import type { DefinePromise } from './subject.ts'

export function promisesOfTheRest(promise: DefinePromise): void {
  promise('delete removes a record, and leaves others alone', async ({ store, key, newKey }) => {
    const otherKey = newKey()
    await storeFirst(store, key, liveRecord('one'))
    const other = await storeFirst(store, otherKey, liveRecord('two'))
    await store.delete(key)
    const found = await store.get(key)
    check(found === null, 'delete removes the record.', found)
    checkRecord(await store.get(otherKey), other, 'delete leaves other keys alone.')
  })

  promise('deleting what is not there is a success', async ({ store, key }) => {
    await store.delete(key)
  })

  promise('a durability that cannot be given is an error, not a lesser one', async ({ store, key, newKey }) => {
    const primary = await store.put(key, liveRecord('one'), { expected: null, durability: 'primary' })
    check(primary.stored, "durability 'primary' is what every store gives.", primary)
    const replicated = await store.put(newKey(), liveRecord('two'), { expected: null, durability: 'replicated' })
    check(replicated.stored, "durability 'replicated' is what every store takes: where there is no replica it is as 'primary'.", replicated)

    const other = newKey()
    const record = liveRecord('three')
    let result: PutResult | undefined
    try {
      result = await store.put(other, record, { expected: null, durability: { replicas: 1, withinTimeout: 200 } })
    } catch (error) {
      check(
        isSessionError(error) && error.code === 'ERR_NOT_DURABLE',
        'a store that cannot give a durability rejects with ERR_NOT_DURABLE.',
        String(error),
      )
    }
    check(result === undefined || result.stored, 'a put with a durability is compared like any other.', result)
    const again = await store.put(other, record, { expected: null })
    check(again.stored, 'the same put sent again settles one that was ERR_NOT_DURABLE.', again)
  })

  promise('calls whose signal was aborted settle, and leave the store in order', async ({ store, key, newKey }) => {
    const controller = new AbortController()
    const record = await storeFirst(store, key, liveRecord('one'))
    const { signal } = controller
    checkRecord(await store.get(key, { signal }), record, 'a signal that is not aborted changes nothing.')
    controller.abort()
    const calls = [store.get(key, { signal }), store.touch(key, record.expiresAt, { signal }), store.delete(newKey(), { signal })]
    await Promise.allSettled(calls)
    checkRecord(await store.get(key), record, 'calls that nobody waits for leave the store in order.')
  })

  promise('listening for changes can be stopped', async ({ store }) => {
    const stop = store.onChange?.(() => {})
    stop?.()
  })

  promise('calls after close reject', async ({ store, key, close }) => {
    if (store.close === undefined) return
    const record = await storeFirst(store, key, liveRecord('one'))
    await store.delete(key)
    await close()
    const words = (method: string): string => `${method} rejects after close: an answer like "none" would sign people out.`
    await checkRejects(() => store.get(key), words('get'))
    await checkRejects(() => store.put(key, record, { expected: null }), words('put'))
    await checkRejects(() => store.touch(key, record.expiresAt), words('touch'))
    await checkRejects(() => store.delete(key), words('delete'))
  })
}
