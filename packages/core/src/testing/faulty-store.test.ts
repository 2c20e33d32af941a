import { expect, test } from 'vitest'
import { nextVersion } from '../record/version.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { faultyStore } from './faulty-store.ts'

const record = { version: nextVersion(null), expiresAt: Date.now() + 60_000, value: new TextEncoder().encode('one') }

test('without a fault it is the store behind it, and it keeps the calls', async () => {
  const store = faultyStore(memoryStore())
  await store.put('key', record, { expected: null })
  expect((await store.get('key'))?.version).toBe(record.version)
  expect(store.calls).toEqual([
    { method: 'put', key: 'key' },
    { method: 'get', key: 'key' },
  ])
})

test("'fail' asks nobody, 'swallow' applies and loses the answer", async () => {
  const store = faultyStore(memoryStore())
  store.fault = ({ method }) => (method === 'put' ? 'fail' : undefined)
  await expect(store.put('key', record, { expected: null })).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
  expect(await store.get('key')).toBeNull()

  store.fault = ({ method }) => (method === 'put' ? 'swallow' : undefined)
  await expect(store.put('key', record, { expected: null })).rejects.toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
  expect((await store.get('key'))?.version).toBe(record.version)
})

test("'hang' never settles, a number comes late", async () => {
  const store = faultyStore(memoryStore())
  store.fault = ({ key }) => (key === 'hanging' ? 'hang' : 20)
  const settled: string[] = []
  void store.get('hanging').then(() => settled.push('hanging'))
  await store.get('late').then(() => settled.push('late'))
  expect(settled).toEqual(['late'])
})

test('a fault that answers later holds the call back', async () => {
  const store = faultyStore(memoryStore())
  let letGo = (): void => {}
  const held = new Promise<undefined>((resolve) => (letGo = () => resolve(undefined)))
  store.fault = ({ method }) => (method === 'put' ? held : undefined)
  const put = store.put('key', record, { expected: null })
  expect(await store.get('key')).toBeNull()
  letGo()
  expect(await put).toEqual({ stored: true })
})
