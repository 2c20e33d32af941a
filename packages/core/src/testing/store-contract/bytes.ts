import type { StoredRecord } from '../../record/store.ts'
import { check, checkRecord, liveRecord, sameBytes, storeFirst } from './check.ts'
import type { DefinePromise } from './subject.ts'

export function promisesOfBytes(promise: DefinePromise): void {
  const values: readonly [string, Uint8Array][] = [
    ['each of the 256 byte values', Uint8Array.from({ length: 256 }, (_, index) => index)],
    ['one zero', Uint8Array.of(0)],
    ['one newline', Uint8Array.of(0x0a)],
    ['64 KiB', Uint8Array.from({ length: 65_536 }, (_, index) => (index * 31) ^ (index >> 8))],
    ['a view into a larger buffer', new TextEncoder().encode('before|value|after').subarray(7, 12)],
  ]
  for (const [what, value] of values) {
    promise(`bytes are kept exactly: ${what}`, async ({ store, key }) => {
      const record: StoredRecord = { ...liveRecord(''), value }
      await storeFirst(store, key, record)
      checkRecord(await store.get(key), record, `bytes are kept exactly (${what}).`)
      const refused = await store.put(key, liveRecord('two'), { expected: null })
      checkRecord(refused.stored ? null : refused.current, record, `the bytes of current are exact (${what}).`)
    })
  }

  promise('the caller may use its buffer again after put', async ({ store, key }) => {
    const buffer = new TextEncoder().encode('one')
    await storeFirst(store, key, { ...liveRecord(''), value: buffer })
    buffer.fill(0x78)
    const found = await store.get(key)
    check(
      found !== null && sameBytes(found.value, new TextEncoder().encode('one')),
      'the caller may use its buffer again after put.',
      found,
    )
  })

  promise('what get gave may be changed without changing the store', async ({ store, key }) => {
    const record = await storeFirst(store, key, liveRecord('one'))
    const given = await store.get(key)
    given?.value.fill(0x78)
    checkRecord(await store.get(key), record, 'what get gave belongs to the caller: changing it changes nothing in the store.')
  })
}
