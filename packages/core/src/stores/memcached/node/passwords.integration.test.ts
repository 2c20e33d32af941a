import { inspect } from 'node:util'
import { startFaultProxy, startMemcached, type FaultProxy, type MemcachedServer } from '@holdfast/testbed'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import type { SessionStore } from '../../../record/store.ts'
import { anyKey, anyRecord } from '../../../testing/any-record.ts'
import { failureOf } from '../../../testing/failure-of.ts'
import { memcachedStore, type MemcachedStoreOptions } from '../memcached-store.ts'

let memcached: MemcachedServer
let proxy: FaultProxy
const key = anyKey()
const warnings: string[] = []
const listen = (warning: Error): void => void warnings.push(inspect(warning))
beforeAll(async () => {
  memcached = await startMemcached({ user: { name: 'app', password: 'the secret/@%' } })
  proxy = await startFaultProxy(memcached)
  process.on('warning', listen)
})
afterAll(async () => {
  process.off('warning', listen)
  await proxy.close()
  await memcached.close()
})

function open(options: MemcachedStoreOptions): SessionStore {
  const store = memcachedStore({ nodes: [`127.0.0.1:${proxy.port}`], ...options })
  onTestFinished(() => store.close?.())
  return store
}

test('a user and a password as options, or in the address', async () => {
  for (const options of [
    { username: 'app', password: 'the secret/@%' },
    { nodes: [`memcached://app:${encodeURIComponent('the secret/@%')}@${memcached.address}`] },
  ]) {
    const [store, own, record] = [open(options), anyKey(), anyRecord()]
    expect(await store.put(own, record, { expected: null })).toEqual({ stored: true })
    expect(await store.get(own)).toEqual(record)
  }
})

test('a password function is asked on every connect, and not between', async () => {
  const asked = vi.fn(async () => 'the secret/@%')
  const store = open({ username: 'app', password: asked })
  for (let call = 0; call < 10; call += 1) expect(await store.get(key)).toBeNull()
  expect(asked).toHaveBeenCalledTimes(1)
  proxy.cut()
  expect(await store.get(key)).toBeNull()
  expect(asked).toHaveBeenCalledTimes(2)
})

test.each<[string, { username?: string; password?: string }, string]>([
  ['wrong', { username: 'app', password: 'a guess at the secret' }, 'user or password is wrong'],
  ['missing', {}, 'give username and password'],
])(
  'a password that is %s is refused in words without it, once, at once and without a storm; the right one is taken up',
  async (_, given, words) => {
    warnings.length = 0
    let isRight = false
    const password = (): string => (isRight ? 'the secret/@%' : (given.password ?? ''))
    const store = open(given.username === undefined ? {} : { username: given.username, password })
    const before = proxy.counts.connections
    const error = await failureOf(store.get(key))
    expect(error).toMatchObject({ code: 'ERR_UNAVAILABLE', message: expect.stringContaining(words) })
    for (let call = 0; call < 100; call += 1) await failureOf(store.get(key))
    await vi.waitFor(() => expect(warnings).toHaveLength(1), { timeout: 10_000 })
    expect(warnings).toEqual([expect.stringContaining('HOLDFAST_MEMCACHED_REFUSED')])
    expect(inspect(error, { depth: 10, showHidden: true }) + warnings.join()).not.toContain('secret')
    expect(proxy.counts.connections - before).toBeLessThan(5)
    if (given.username === undefined) return
    isRight = true
    await vi.waitFor(async () => expect(await store.get(key)).toBeNull(), { timeout: 10_000 })
  },
)

test.each([
  ['throws', () => expect.fail('the secret could not be had')],
  ['rejects', () => Promise.reject(new Error('the secret could not be had'))],
  ['gives no string', () => Buffer.from('the secret') as never],
])('a function that %s is named, without what it said, and asked again until it gives one', async (_, broken) => {
  let isBroken = true
  const store = open({ username: 'app', password: () => (isBroken ? (broken() as Promise<string>) : 'the secret/@%') })
  const error = await failureOf(store.get(key, { signal: AbortSignal.timeout(2_000) }))
  expect(error).toMatchObject({ code: 'ERR_UNAVAILABLE', message: expect.stringContaining('the function given as password failed') })
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('secret')
  isBroken = false
  expect(await store.get(key)).toBeNull()
})

test('nobody’s environment signs us in: memjs would take a user from it', async () => {
  vi.stubEnv('MEMCACHE_USERNAME', 'app')
  vi.stubEnv('MEMCACHE_PASSWORD', 'the secret/@%')
  onTestFinished(() => void vi.unstubAllEnvs())
  expect(await failureOf(open({}).get(key))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
})
