import { startFaultProxy, startMemcached, type FaultProxy, type MemcachedServer } from '@holdfast/testbed'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'
import { isSessionError } from '../../errors.ts'
import { anyKey, anyRecord } from '../../testing/any-record.ts'
import { failureOf } from '../../testing/failure-of.ts'
import { countWithLostReplies } from '../../testing/lost-replies.ts'
import { memcachedStore, type MemcachedStore } from './memcached-store.ts'

let memcached: MemcachedServer
let proxy: FaultProxy
beforeAll(async () => {
  memcached = await startMemcached()
  proxy = await startFaultProxy(memcached)
})
afterEach(() => proxy.heal())
afterAll(async () => {
  await proxy.close()
  await memcached.close()
})

function open(port = proxy.port): MemcachedStore {
  const store = memcachedStore({ nodes: [`127.0.0.1:${port}`] })
  onTestFinished(() => store.close?.())
  return store
}

/** So many sessions, each with a text of its own. */
async function filled(store: MemcachedStore, count: number): Promise<Map<string, string>> {
  const texts = new Map(Array.from({ length: count }, (_, n) => [anyKey(), `the session ${n} ${'x'.repeat(500)}`]))
  for (const [key, text] of texts) await store.put(key, anyRecord(null, text), { expected: null })
  return texts
}

async function textOf(store: MemcachedStore, key: string): Promise<string | undefined> {
  const record = await store.get(key)
  return record === null ? undefined : Buffer.from(record.value).toString()
}

test('F7: a read whose reply is cut anywhere is asked again, and never answered wrong', async () => {
  const store = open()
  const texts = await filled(store, 100)
  const [first] = texts.keys() as IterableIterator<string>
  for (const bytes of [0, 1, 23, 24, 25, 40, 100, 300, 600]) {
    proxy.cutAfter(bytes)
    expect(await textOf(store, first as string)).toBe(texts.get(first as string))
    for (const [key, text] of texts) expect(await textOf(store, key)).toBe(text)
  }
})

test('F7: a change whose reply is cut is of unknown outcome, the same put again settles it, and the next 100 calls are right', async () => {
  const store = open()
  const texts = await filled(store, 100)
  const [key, record] = [anyKey(), anyRecord()]
  proxy.cutAfter(10)
  expect(await failureOf(store.put(key, record, { expected: null }))).toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
  expect(await store.put(key, record, { expected: null })).toEqual({ stored: true })
  for (const [each, text] of texts) expect(await textOf(store, each)).toBe(text)
})

test('F8: a reply that stalls in its middle lets go of its connection, and the next 100 calls are right', async () => {
  const store = open()
  const texts = await filled(store, 100)
  const [key] = texts.keys() as IterableIterator<string>
  proxy.stallAfter(200)
  const startedAt = performance.now()
  expect(await textOf(store, key as string)).toBe(texts.get(key as string))
  expect(performance.now() - startedAt).toBeLessThan(4_000)
  for (const [each, text] of texts) expect(await textOf(store, each)).toBe(text)
})

test('a reply that vanishes while the connection goes on gives no session to another', async () => {
  const store = open()
  const texts = await filled(store, 100)
  proxy.swallowReplies(3)
  const answers = await Promise.allSettled([...texts.keys()].map((key) => textOf(store, key)))
  const wrong = answers.filter((answer, n) => answer.status === 'fulfilled' && answer.value !== [...texts.values()][n])
  expect(wrong).toEqual([])
  for (const answer of answers) if (answer.status === 'rejected') expect(isSessionError(answer.reason)).toBe(true)
  for (const [each, text] of texts) expect(await textOf(store, each)).toBe(text)
})

test('F9: 50 increments give exactly 50 when every tenth packet of replies is lost with its connection, after memcached had applied it', async () => {
  expect(await countWithLostReplies(open(), proxy)).toEqual([50, true])
})

test('a server that hangs is given up, whoever waits is told, and it is found again as soon as it goes on', async () => {
  const server = await startMemcached()
  onTestFinished(() => server.close())
  const store = open(server.port)
  const [key, record] = [anyKey(), anyRecord()]
  await store.put(key, record, { expected: null })
  server.pause()
  const startedAt = performance.now()
  const [read, change] = await Promise.all([
    failureOf(store.get(key)),
    failureOf(store.put(key, anyRecord(record.version), { expected: record.version })),
  ])
  expect([read.code, change.code]).toEqual(['ERR_UNAVAILABLE', 'ERR_OUTCOME_UNKNOWN'])
  expect(performance.now() - startedAt).toBeLessThan(30_000)
  // Nothing is sent to it now, so nothing can come late.
  expect(await failureOf(store.delete(key, { signal: AbortSignal.timeout(100) }))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
  expect(store.nodes()).toEqual([expect.objectContaining({ state: 'down' })])
  server.resume()
  await expect.poll(async () => store.get(key), { timeout: 10_000 }).not.toBeNull()
  expect(store.nodes()).toEqual([expect.objectContaining({ state: 'up', reason: undefined })])
})

test('a process that is busy for a second takes no healthy server for a dead one', async () => {
  const store = open()
  const [key, record] = [anyKey(), anyRecord()]
  await store.put(key, record, { expected: null })
  const before = proxy.counts.connections
  for (let stall = 0; stall < 3; stall += 1) {
    const reads = Array.from({ length: 20 }, () => store.get(key))
    const until = performance.now() + 1_000
    while (performance.now() < until);
    expect(await Promise.all(reads)).toEqual(reads.map(() => record))
  }
  expect(proxy.counts.connections).toBe(before)
})

test('a server that is restarted is empty, and nothing that was known of it before is believed', async () => {
  const server = await startMemcached()
  onTestFinished(() => server.close())
  const store = open(server.port)
  const other = open(server.port)
  const [key, first] = [anyKey(), anyRecord()]
  await store.put(key, first, { expected: null })
  await server.kill()
  const waiting = store.get(key, { signal: AbortSignal.timeout(10_000) })
  await server.restart()
  expect(await waiting).toBeNull()
  // Its numbers begin anew: the same one may be another item's now.
  const usurper = anyRecord()
  await other.put(key, usurper, { expected: null })
  expect(await store.put(key, anyRecord(first.version), { expected: first.version })).toEqual({ stored: false, current: usurper })
})

test('a dead server: a call waits for it as long as its signal lets it, and says why', async () => {
  const server = await startMemcached()
  const store = open(server.port)
  await server.close()
  const error = await failureOf(store.get(anyKey(), { signal: AbortSignal.timeout(1_500) }))
  expect(error).toMatchObject({ code: 'ERR_UNAVAILABLE', message: expect.stringMatching(/^Memcached at .* is not ready \(ECONNREFUSED\)/) })
  expect(store.nodes()).toEqual([{ name: `127.0.0.1:${server.port}`, state: 'down', reason: 'ECONNREFUSED', handOff: 0 }])
})

test('F48: 200 clients that were cut off all come back, by one connection each', async () => {
  const stores = Array.from({ length: 200 }, () => open())
  // One by one: only the way back is a rush.
  for (const store of stores) await store.get(anyKey())
  const before = proxy.counts.connections
  proxy.refuse()
  proxy.cut()
  await new Promise((resolve) => setTimeout(resolve, 500))
  await proxy.accept()
  await Promise.all(stores.map((store) => store.get(anyKey(), { signal: AbortSignal.timeout(20_000) })))
  expect(proxy.counts.connections - before).toBe(200)
})

test('a server that takes longer than a second for its first answer is given more time', async () => {
  const store = open()
  let isThrough = false
  proxy.delay(() => (isThrough ? 0 : 1_500))
  proxy.onReply(() => {
    isThrough = true
    return 'pass'
  })
  expect(await store.get(anyKey(), { signal: AbortSignal.timeout(20_000) })).toBeNull()
})
