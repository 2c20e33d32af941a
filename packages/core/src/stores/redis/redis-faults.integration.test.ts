import { inspect } from 'node:util'
import { freePort, startFaultProxy, startRedis } from '@holdfast/testbed'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis-5'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { SessionStore, StoredRecord } from '../../record/store.ts'
import { nextVersion } from '../../record/version.ts'
import { createSessions } from '../../session/manager.ts'
import type { RedisStoreOptions } from './redis-store.ts'
import { redisStore as redisStoreOn6 } from './redis-store.ts'

vi.resetModules()
vi.doMock('ioredis', () => import('ioredis-5'))
const { redisStore: redisStoreOn5 } = await import('./redis-store.ts')

const key = 'a'.repeat(43)
const payload = 'a payload that nobody may read'

function record(previous: string | null = null, text = payload): StoredRecord {
  return { version: nextVersion(previous), expiresAt: Date.now() + 3_600_000, value: Buffer.from(text) }
}

/** Calls again until it works: how long a server takes to come back is its own affair. */
async function eventually<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call()
    } catch (error) {
      if (attempt === 100) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

async function failure(call: Promise<unknown>): Promise<Error & { code: string }> {
  const error = await call.then(
    () => expect.fail('it resolved'),
    (reason: unknown) => reason as Error & { code: string },
  )
  expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(new RegExp(`${key}|${payload}`))
  return error
}

describe.each([
  ['ioredis 6', redisStoreOn6, (url: string) => new Redis(url, { retryStrategy: () => 50 })],
  ['ioredis 5', redisStoreOn5, (url: string) => new Redis5(url, { retryStrategy: () => 50 })],
])('%s', (_, redisStore, clientOf) => {
  function open(options: RedisStoreOptions): SessionStore {
    const store = redisStore(options)
    onTestFinished(() => store.close?.())
    return store
  }

  async function start(options?: Parameters<typeof startRedis>[0]): ReturnType<typeof startRedis> {
    const redis = await startRedis(options)
    onTestFinished(() => redis.close())
    return redis
  }

  async function startBehindProxy(): Promise<{
    redis: Awaited<ReturnType<typeof startRedis>>
    proxy: Awaited<ReturnType<typeof startFaultProxy>>
  }> {
    const redis = await start()
    const proxy = await startFaultProxy(redis)
    onTestFinished(() => proxy.close())
    return { redis, proxy }
  }

  test('no server: calls give up by themselves, or with their signal, and say why', async () => {
    const store = open({ url: `redis://127.0.0.1:${await freePort()}` })
    const calls = [store.get(key), store.put(key, record(), { expected: null }), store.touch(key, 1), store.delete(key)]
    const unbounded = calls.map(failure)
    const aborted = await failure(store.get(key, { signal: AbortSignal.timeout(1_000) }))
    expect(aborted).toMatchObject({ code: 'ERR_UNAVAILABLE', message: expect.stringContaining('ECONNREFUSED') })
    for (const given of await Promise.all(unbounded)) expect(given).toMatchObject({ code: 'ERR_UNAVAILABLE' })
    expect(await failure(store.get(key, { signal: AbortSignal.abort() }))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
  })

  test('no server, through a manager: a load and a change say why, and that nothing was changed', async () => {
    const sessions = createSessions<{ count?: number }>({
      store: open({ url: `redis://127.0.0.1:${await freePort()}` }),
      secrets: ['a secret of at least thirty-two bytes'],
      requestTimeout: 1_500,
    })
    const why = { code: 'ERR_UNAVAILABLE', message: expect.stringMatching(/^Redis at 127\.0\.0\.1:\d+ is not ready \(ECONNREFUSED\)/) }
    await expect(sessions.ready()).rejects.toMatchObject(why)
    await expect(sessions.create({ count: 1 })).rejects.toMatchObject(why)
  })

  test('a store that is made connects to nothing until it is asked', async () => {
    const { proxy } = await startBehindProxy()
    const store = open({ url: proxy.url() })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(proxy.counts.connections).toBe(0)
    await Promise.all(Array.from({ length: 50 }, () => store.get(key)))
    expect(proxy.counts.connections).toBe(1)
  })

  test('killed and started again: the store recovers without being made anew', async () => {
    const redis = await start({ appendonly: true })
    const store = open({ url: redis.url })
    const stored = record()
    await store.put(key, stored, { expected: null })
    await redis.kill()
    expect(await failure(store.get(key, { signal: AbortSignal.timeout(200) }))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
    await redis.restart()
    const found = await store.get(key)
    expect(found?.version).toBe(stored.version)
    expect(await store.put(key, record(stored.version), { expected: stored.version })).toEqual({ stored: true })
  })

  test('stopped (SIGSTOP): nothing hangs, a put says that its outcome is unknown, and the same put settles it', async () => {
    const redis = await start()
    const store = open({ url: redis.url })
    const first = record()
    await store.put(key, first, { expected: null })
    const sockets = socketCount()

    redis.pause()
    const second = record(first.version)
    expect(await failure(store.put(key, second, { expected: first.version }))).toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
    for (let call = 0; call < 10; call += 1) {
      expect(await failure(store.get(key, { signal: AbortSignal.timeout(200) }))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
      expect(socketCount()).toBeLessThanOrEqual(sockets + 1)
    }
    redis.resume()

    expect(await eventually(() => store.put(key, second, { expected: first.version }))).toEqual({ stored: true })
    expect((await store.get(key))?.version).toBe(second.version)
  })

  test('a wrong password fails at once, loudly, without a storm and without being shown; a right one is taken up', async () => {
    const redis = await start({ args: ['--requirepass', 'correct horse'] })
    const proxy = await startFaultProxy(redis)
    onTestFinished(() => proxy.close())
    const admin = new Redis({ port: redis.port, password: 'correct horse' })
    onTestFinished(() => admin.disconnect())
    const store = open({ url: proxy.url(), password: 'hunter2' })
    const error = await failure(store.get(key))
    expect(error).toMatchObject({ code: 'ERR_UNAVAILABLE', message: expect.stringContaining('WRONGPASS (user or password is wrong)') })
    expect(inspect(error, { depth: 10 })).not.toContain('hunter2')
    for (let call = 0; call < 100; call += 1) await failure(store.get(key))
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(proxy.counts.connections).toBeLessThanOrEqual(2)

    await admin.config('SET', 'requirepass', 'hunter2')
    expect(await eventually(() => store.get(key))).toBeNull()
  })

  test('no password where one is wanted is named', async () => {
    const redis = await start({ args: ['--requirepass', 'correct horse'] })
    const store = open({ url: redis.url })
    expect(await failure(store.get(key))).toMatchObject({ code: 'ERR_UNAVAILABLE', message: expect.stringContaining('NOAUTH') })
    const right = open({ url: redis.url, password: 'correct horse' })
    expect(await right.get(key)).toBeNull()
  })

  test('replies swallowed after the change was applied: the same put again is stored, and changes nothing twice', async () => {
    const { proxy } = await startBehindProxy()
    const store = open({ url: proxy.url() })
    const first = record()
    await store.put(key, first, { expected: null })

    proxy.onReply(() => 'mute')
    const second = record(first.version)
    expect(await failure(store.put(key, second, { expected: first.version }))).toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
    await proxy.heal()

    expect(await eventually(() => store.put(key, second, { expected: first.version }))).toEqual({ stored: true })
    expect((await store.get(key))?.version).toBe(second.version)
  })

  test('F7: a reply cut in the middle is read again; what follows is right', async () => {
    const { proxy } = await startBehindProxy()
    const store = open({ url: proxy.url() })
    const large = record(null, 'x'.repeat(65_536))
    await store.put(key, large, { expected: null })
    const current = large.version

    proxy.cutAfter(1_000)
    expect((await store.get(key))?.version).toBe(current)

    proxy.cutAfter(1_000)
    const conflict = await failure(store.put(key, record(), { expected: null }))
    expect(conflict).toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
    for (let call = 0; call < 100; call += 1) {
      const [found, missing] = await Promise.all([store.get(key), store.get('b'.repeat(43))])
      expect(found?.value.byteLength).toBe(65_536)
      expect(missing).toBeNull()
    }
  })

  test('F8: a reply stalled in the middle: one call fails or waits, the next are right', async () => {
    const { proxy } = await startBehindProxy()
    const store = open({ url: proxy.url() })
    const large = record(null, 'x'.repeat(65_536))
    await store.put(key, large, { expected: null })
    proxy.stallAfter(1_000)
    expect(await failure(store.put(key, record(), { expected: null }))).toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
    for (let call = 0; call < 100; call += 1) expect((await store.get(key))?.value.byteLength).toBe(65_536)
  })

  test('a stalled event loop is not a dead server: no call fails and the connection stays', async () => {
    const redis = await start()
    const store = open({ url: redis.url })
    const stored = record()
    await store.put(key, stored, { expected: null })
    const before = await ownConnections(redis)
    for (const milliseconds of [300, 300, 300, 300, 300, 900]) {
      const calls = Array.from({ length: 20 }, () => store.get(key))
      await new Promise((resolve) => setImmediate(resolve))
      block(milliseconds)
      for (const found of await Promise.all(calls)) expect(found?.version).toBe(stored.version)
    }
    expect(await ownConnections(redis)).toEqual(before)
  })

  test('F14: out of memory, reads are fine and a put is a typed error that applied nothing', async () => {
    const redis = await start()
    const store = open({ url: redis.url })
    const first = record()
    await store.put(key, first, { expected: null })
    await redis.command('CONFIG', 'SET', 'maxmemory', '1')
    expect(await failure(store.put(key, record(first.version), { expected: first.version }))).toMatchObject({
      code: 'ERR_REFUSED',
      message: expect.stringContaining('OOM'),
    })
    expect((await store.get(key))?.version).toBe(first.version)
    await redis.command('CONFIG', 'SET', 'maxmemory', '0')
    expect(await store.put(key, record(first.version), { expected: first.version })).toEqual({ stored: true })
  })

  test('F15: a primary that became a replica is named, and the store goes on once it is a primary again', async () => {
    const redis = await start()
    const store = open({ url: redis.url })
    const first = record()
    await store.put(key, first, { expected: null })
    await redis.command('REPLICAOF', '127.0.0.1', await freePort())
    expect(await failure(store.put(key, record(first.version), { expected: first.version }))).toMatchObject({
      code: 'ERR_UNAVAILABLE',
      message: expect.stringContaining('READONLY'),
    })
    await redis.command('REPLICAOF', 'NO', 'ONE')
    expect(await eventually(() => store.put(key, record(first.version), { expected: first.version }))).toEqual({ stored: true })
  })

  test('a Redis that forgot the scripts is told them again', async () => {
    const redis = await start()
    const store = open({ url: redis.url })
    const first = record()
    await store.put(key, first, { expected: null })
    await redis.command('SCRIPT', 'FLUSH')
    expect(await store.touch(key, first.expiresAt + 1)).toBe(true)
    expect(await store.put(key, record(first.version), { expected: first.version })).toEqual({ stored: true })
  })

  test('a client that is handed in: calls wait no longer than their signal and leave nothing in its queue; the store recovers with it', async () => {
    const redis = await start()
    const client = clientOf(redis.url)
    client.on('error', () => {})
    onTestFinished(() => client.disconnect())
    const store = open({ client })
    const first = record()
    await store.put(key, first, { expected: null })

    await redis.kill()
    const signal = AbortSignal.timeout(300)
    const lost = await failure(store.put(key, record(first.version), { expected: first.version, signal }))
    expect(['ERR_UNAVAILABLE', 'ERR_OUTCOME_UNKNOWN']).toContain(lost.code)
    expect(await failure(store.get(key, { signal }))).toMatchObject({ code: 'ERR_UNAVAILABLE' })
    const waiting = store.get(key)
    await redis.restart()
    expect(await waiting).toBeNull()

    client.disconnect()
    await vi.waitFor(() => expect(client.status).toBe('end'), { timeout: 10_000 })
    expect(await failure(store.get(key))).toMatchObject({
      code: 'ERR_UNAVAILABLE',
      message: expect.stringContaining('the client was closed'),
    })
  })

  test('F32: clocks over 5 s apart are warned about, once; over 5 min apart, every call is refused until they are right', async () => {
    const redis = await start()
    const warnings: string[] = []
    const listen = (warning: Error & { code?: string }): void => void (warning.code === 'HOLDFAST_CLOCK' && warnings.push(warning.message))
    process.on('warning', listen)
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => {
      vi.useRealTimers()
      process.off('warning', listen)
    })

    vi.setSystemTime(Date.now() + 10_000)
    const store = open({ url: redis.url })
    expect(await store.get(key)).toBeNull()
    await killConnections(redis)
    expect(await eventually(() => store.get(key))).toBeNull()
    await new Promise((resolve) => setImmediate(resolve))
    expect(warnings).toEqual([
      expect.stringMatching(/The clock of Redis at 127\.0\.0\.1:\d+ is (9\.\d+|10(\.\d+)?) s behind this machine's/),
    ])

    vi.setSystemTime(Date.now() - 600_000)
    await killConnections(redis)
    await vi.waitFor(
      async () =>
        expect(await failure(store.get(key))).toMatchObject({ code: 'ERR_UNAVAILABLE', message: expect.stringMatching(/clock.*NTP/) }),
      { timeout: 10_000 },
    )
    vi.useRealTimers()
    expect(await eventually(() => store.get(key))).toBeNull()
  })
})

function socketCount(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'TCPSocketWrap').length
}

function block(milliseconds: number): void {
  const until = performance.now() + milliseconds
  while (performance.now() < until);
}

async function ownConnections(redis: { command(...words: [string, ...string[]]): Promise<unknown> }): Promise<string[]> {
  const list = String(await redis.command('CLIENT', 'LIST'))
  return list.split('\n').flatMap((line) => (line.includes(' name=holdfast ') ? [line.slice(0, line.indexOf(' '))] : []))
}

async function killConnections(redis: { command(...words: [string, ...string[]]): Promise<unknown> }): Promise<void> {
  await redis.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
}
