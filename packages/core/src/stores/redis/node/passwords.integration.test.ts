import { inspect } from 'node:util'
import { connectionsNamed, killConnections, startRedis, type RedisServer } from '@holdfast/testbed'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { SessionStore } from '../../../record/store.ts'
import { anyKey, anyRecord } from '../../../testing/any-record.ts'
import { failureOf } from '../../../testing/failure-of.ts'
import { redisStore } from '../redis-store.ts'

let redis: RedisServer
const key = anyKey()
const warnings: string[] = []
const listen = (warning: Error): void => void warnings.push(inspect(warning))
beforeAll(async () => {
  redis = await startRedis()
  process.on('warning', listen)
})
beforeEach(() => setPassword('the first secret'))
afterAll(async () => {
  process.off('warning', listen)
  await redis.close()
})

async function setPassword(password: string): Promise<void> {
  await redis.command('ACL', 'SETUSER', 'app', 'reset', 'on', '+@all', '~*', `>${password}`)
}

function open(password: () => string | Promise<string>): SessionStore {
  const store = redisStore({ url: redis.url, username: 'app', password })
  onTestFinished(() => store.close?.())
  return store
}

test('a password function is asked on every connect, and not between: a token that is good for minutes is enough', async () => {
  let token = 'the first secret'
  const asked = vi.fn(async () => token)
  const store = open(asked)
  for (let call = 0; call < 10; call += 1) expect(await store.get(key)).toBeNull()
  expect(asked).toHaveBeenCalledTimes(1)

  token = 'the second secret'
  await setPassword(token)
  expect(await store.get(key)).toBeNull()
  expect(asked).toHaveBeenCalledTimes(1)

  await killConnections(redis)
  expect(await store.get(key)).toBeNull()
  expect(asked).toHaveBeenCalledTimes(2)
})

test('connections for changes that wait for replicas ask for it too', async () => {
  const asked = vi.fn(() => 'the first secret')
  const store = redisStore({ url: redis.url, replicas: ['redis://127.0.0.1:1'], username: 'app', password: asked })
  onTestFinished(() => store.close?.())
  const options = { expected: null, durability: { replicas: 1, withinTimeout: 1 } } as const
  expect(await failureOf(store.put(anyKey(), anyRecord(), options))).toMatchObject({ code: 'ERR_NOT_DURABLE' })
  for (const name of ['holdfast', 'holdfast-confirming']) expect(await connectionsNamed(redis, name)).toHaveLength(1)
  const calls = asked.mock.calls.length
  await killConnections(redis)
  expect(await store.get(key)).toBeNull()
  expect(asked.mock.calls.length).toBeGreaterThan(calls)
})

test.each([
  ['throws', () => expect.fail('the first secret could not be had')],
  ['rejects', () => Promise.reject(new Error('the first secret could not be had'))],
  ['gives no string', () => Buffer.from('the first secret') as never],
])('a function that %s is named, without what it said, and asked again until it gives one', async (_, broken) => {
  let isBroken = true
  const store = open(() => (isBroken ? (broken() as Promise<string>) : 'the first secret'))
  const error = await failureOf(store.get(key, { signal: AbortSignal.timeout(2_000) }))
  expect(error).toMatchObject({ code: 'ERR_UNAVAILABLE', message: expect.stringContaining('the function given as password failed') })
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('secret')
  isBroken = false
  expect(await store.get(key)).toBeNull()
})

test('while a function has not answered yet, the message says what is waited for; it is given up after 5 s, and asked again', async () => {
  const asked = vi.fn(async () => 'the first secret').mockReturnValueOnce(new Promise(() => {}))
  const store = open(asked)
  const error = await failureOf(store.get(key, { signal: AbortSignal.timeout(100) }))
  expect(error).toMatchObject({ code: 'ERR_UNAVAILABLE', message: expect.not.stringContaining('undefined') })
  expect(await store.get(key, { signal: AbortSignal.timeout(15_000) })).toBeNull()
  expect(asked).toHaveBeenCalledTimes(2)
})

test('a token that has run out is refused in words without it, once; the next one is taken up', async () => {
  let token = 'the first secret'
  const store = open(() => token)
  expect(await store.get(key)).toBeNull()
  await setPassword('the second secret')
  warnings.length = 0
  await killConnections(redis)
  await vi.waitFor(
    async () => {
      const error = await failureOf(store.get(key, { signal: AbortSignal.timeout(100) }))
      expect(error).toMatchObject({ code: 'ERR_UNAVAILABLE', message: expect.stringContaining('WRONGPASS') })
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('secret')
    },
    { timeout: 10_000 },
  )
  await vi.waitFor(() => expect(warnings.length).toBeGreaterThan(0), { timeout: 10_000 })
  for (let call = 0; call < 10; call += 1) await failureOf(store.get(key))
  expect(warnings).toEqual([expect.stringContaining('HOLDFAST_REDIS_REFUSED')])
  expect(warnings.join()).not.toContain('secret')
  token = 'the second secret'
  await vi.waitFor(async () => expect(await store.get(key)).toBeNull(), { timeout: 10_000 })
})
