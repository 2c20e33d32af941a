import { expect, test } from 'vitest'
import { jsonCodec } from '../record/codec.ts'
import { nearCache } from '../resilience/near-cache/near-cache.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { createSessions } from './manager.ts'
import type { SessionOptions } from './options.ts'

interface Data {
  cart: { sku: string; count: number }[]
  [key: string]: unknown
}

/** A manager whose store keeps copies, and what its codec was asked. */
function world(options: Partial<SessionOptions<Data>> = {}) {
  const sessions = createSessions<Data>({
    store: nearCache(memoryStore()),
    secrets: ['x'.repeat(32)],
    initial: () => ({ cart: [] }),
    ...options,
  })
  return sessions
}

test('what one request does to its data, saved or not, no other one sees that was not saved', async () => {
  const sessions = world()
  const { cookie } = await sessions.create({ cart: [{ sku: 'a', count: 1 }] })
  await sessions.open(cookie).load()
  const one = sessions.open(cookie)
  const other = sessions.open(cookie)
  const [first, second] = [await one.load(), await other.load()]
  first.data.cart[0]!.count = 7
  first.data.cart.push({ sku: 'b', count: 1 })
  first.discard()
  expect(second.data.cart).toEqual([{ sku: 'a', count: 1 }])
  second.data.cart[0]!.count = 8
  expect((await sessions.open(cookie).load()).data.cart[0]!.count).toBe(1)
  await other.commit()
  await one.commit()
  expect((await sessions.open(cookie).load()).data.cart).toEqual([{ sku: 'a', count: 8 }])
})

test.each<[string, (data: Data) => void, Partial<Data>]>([
  ['a nested value', (data) => void (data.cart[0]!.count = 2), { cart: [{ sku: 'a', count: 2 }] }],
  ['a key more', (data) => void (data['theme'] = 'dark'), { theme: 'dark' }],
  ['another order', (data) => void (data.cart[0] = { count: 1, sku: 'a' }), { cart: [{ count: 1, sku: 'a' }] }],
  ['a Date', (data) => void (data['at'] = new Date(0)), { at: '1970-01-01T00:00:00.000Z' }],
  ['an array that is shorter', (data) => void (data.cart.length = 0), { cart: [] }],
])('a change is found: %s', async (_, change, expected) => {
  const sessions = world()
  const { cookie } = await sessions.create({ cart: [{ sku: 'a', count: 1 }] })
  for (let round = 0; round < 2; round += 1) await sessions.open(cookie).load()
  const opened = sessions.open(cookie)
  change((await opened.load()).data)
  await opened.commit()
  expect((await sessions.open(cookie).load({ fresh: true })).data).toMatchObject(expected)
})

test('nothing is kept beside what a codec of the application makes', async () => {
  let decoded = 0
  const codec = { ...jsonCodec, decode: (bytes: Uint8Array) => ((decoded += 1), jsonCodec.decode(bytes)) }
  const sessions = world({ codec })
  const { cookie } = await sessions.create({ cart: [] })
  decoded = 0
  for (let read = 0; read < 3; read += 1) await sessions.open(cookie).load()
  expect(decoded).toBeGreaterThanOrEqual(3)
})

test('what is set back to what was read is a change, once something else was saved', async () => {
  const sessions = world()
  const { cookie } = await sessions.create({ cart: [], theme: 'dark' })
  await sessions.open(cookie).load()
  const opened = sessions.open(cookie)
  const session = await opened.load()
  session.data['theme'] = 'light'
  await session.save()
  session.data['theme'] = 'dark'
  await opened.commit()
  expect((await sessions.open(cookie).load()).data).toEqual({ cart: [], theme: 'dark' })
})

test('what is set back to what was read is a change, once another request has changed it', async () => {
  const sessions = world()
  const { cookie } = await sessions.create({ cart: [], theme: 'dark' })
  await sessions.open(cookie).load()
  const opened = sessions.open(cookie)
  const session = await opened.load()
  const other = sessions.open(cookie)
  ;(await other.load()).data['theme'] = 'light'
  await other.commit()
  session.data['size'] = 1
  await session.save()
  session.data = { cart: [], theme: 'dark' }
  await opened.commit()
  expect((await sessions.open(cookie).load()).data).toEqual({ cart: [], theme: 'dark' })
})
