import { describe, expect, test, vi } from 'vitest'
import { onSessionEvent } from '../events.ts'
import { nearCache } from '../resilience/near-cache/near-cache.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import { faultyStore } from '../testing/faulty-store.ts'
import { createSessions } from './manager.ts'
import type { ManagerOptions } from './options.ts'

interface Data {
  count: number
}

function world(options: Partial<ManagerOptions> = {}) {
  const store = faultyStore(memoryStore())
  const sessions = createSessions<Data>({
    store,
    secrets: ['x'.repeat(32)],
    initial: () => ({ count: 0 }),
    operationTimeout: 50,
    requestTimeout: 200,
    ...options,
  })
  return { store, sessions }
}
const increment = (data: Data): void => void (data.count += 1)

describe('the store does not answer', () => {
  test('load is 503 with Retry-After, whether it fails or hangs', async () => {
    const { sessions, store } = world()
    const { cookie } = await sessions.create({ count: 0 })
    for (const fault of ['fail', 'hang'] as const) {
      store.fault = () => fault
      await expect(sessions.open(cookie).load()).rejects.toMatchObject({
        code: 'ERR_UNAVAILABLE',
        status: 503,
        headers: { 'Retry-After': '1' },
      })
    }
  })

  test('a visitor without a cookie is not asked about, and gets the session', async () => {
    const { sessions, store } = world()
    store.fault = () => 'hang'
    expect((await sessions.open(null).load()).outcome).toBe('new')
  })

  test("'anonymous' gives a stand-in with the initial data that sets no cookie and cannot be saved", async () => {
    const { sessions, store } = world({ onUnavailable: 'anonymous' })
    const { cookie } = await sessions.create({ count: 7 })
    store.fault = () => 'fail'
    const reading = sessions.open(cookie)
    const session = await reading.load()
    expect([session.outcome, session.data]).toEqual(['unavailable', { count: 0 }])
    expect(await reading.commit()).toEqual([['Vary', 'Cookie']])
    const changing = sessions.open(cookie)
    ;(await changing.load()).update(increment)
    store.fault = undefined
    await expect(changing.commit()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
    const leaving = sessions.open(cookie)
    store.fault = () => 'fail'
    ;(await leaving.load()).destroy()
    store.fault = undefined
    await expect(leaving.commit()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
    expect((await sessions.open(cookie).load()).data.count).toBe(7)
  })

  test('a request can choose otherwise than the manager', async () => {
    const { sessions, store } = world()
    const { cookie } = await sessions.create({ count: 7 })
    store.fault = () => 'fail'
    expect((await sessions.open(cookie).load({ onUnavailable: 'anonymous' })).outcome).toBe('unavailable')
  })

  test('no call takes longer than the whole request may', async () => {
    const { sessions, store } = world({ operationTimeout: 60_000, requestTimeout: 50 })
    const { cookie } = await sessions.create({ count: 7 })
    store.fault = () => 'hang'
    await expect(sessions.open(cookie).load()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
  })

  test('a load that failed may be tried again in the same request', async () => {
    const { sessions, store } = world()
    const { cookie } = await sessions.create({ count: 7 })
    const opened = sessions.open(cookie)
    store.fault = () => 'fail'
    await expect(opened.load()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
    store.fault = undefined
    expect((await opened.load()).outcome).toBe('live')
  })

  test("the caller's signal stops the waiting with its reason", async () => {
    const { sessions, store } = world({ operationTimeout: 10_000, requestTimeout: 10_000 })
    const { cookie } = await sessions.create({ count: 7 })
    store.fault = () => 'hang'
    const gone = new AbortController()
    const loading = sessions.open(cookie).load({ signal: gone.signal })
    gone.abort(new Error('the client is gone'))
    await expect(loading).rejects.toThrow('the client is gone')
  })

  test('a renewal that fails never fails the request', async () => {
    const { sessions, store } = world({ strict: true })
    const { cookie } = await sessions.create({ count: 7 })
    await new Promise((resolve) => setTimeout(resolve, 5))
    const opened = sessions.open(cookie)
    await opened.load()
    store.fault = ({ method }) => (method === 'touch' ? 'fail' : undefined)
    expect(await opened.commit()).toEqual([['Vary', 'Cookie']])
    expect(store.calls.at(-1)?.method).toBe('touch')
  })

  test('after close nothing is asked any more', async () => {
    const { sessions } = world()
    const { cookie } = await sessions.create({ count: 7 })
    await sessions.close()
    await expect(sessions.open(cookie).load()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
  })
})

describe('an outcome that is unknown', () => {
  test('is settled by the identical put: applied once', async () => {
    const { sessions, store } = world()
    const { cookie } = await sessions.create({ count: 0 })
    let swallowed = 0
    store.fault = ({ method }) => (method === 'put' && swallowed++ < 3 ? 'swallow' : undefined)
    const opened = sessions.open(cookie)
    const session = await opened.load()
    const change = vi.fn(increment)
    session.update(change)
    await opened.commit()
    expect(change).toHaveBeenCalledTimes(1)
    expect((await sessions.open(cookie).load()).data.count).toBe(1)
  })

  test('is settled when another request has written meanwhile: my stamp is in the record', async () => {
    const { sessions, store } = world()
    const { cookie } = await sessions.create({ count: 0 })
    const opened = sessions.open(cookie)
    const change = vi.fn(increment)
    ;(await opened.load()).update(change)
    const other = sessions.open(cookie)
    let puts = 0
    store.fault = async ({ method }) => {
      if (method !== 'put') return undefined
      puts++
      if (puts === 1) return 'swallow'
      if (puts > 2) return undefined
      // The same put again waits until another request has written over the first.
      ;(await other.load()).update(increment)
      await other.commit()
      return undefined
    }
    await opened.commit()
    expect(change).toHaveBeenCalledTimes(1)
    expect((await sessions.open(cookie).load()).data.count).toBe(2)
  })

  test('is ERR_OUTCOME_UNKNOWN, 503, when the store stays silent, and a later commit goes on from the same put', async () => {
    const { sessions, store } = world()
    const { cookie } = await sessions.create({ count: 0 })
    const opened = sessions.open(cookie)
    const session = await opened.load()
    const change = vi.fn(increment)
    session.update(change)
    store.fault = ({ method }) => (method === 'put' ? 'swallow' : undefined)
    await expect(session.save()).rejects.toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN', status: 503, headers: { 'Retry-After': '1' } })
    store.fault = undefined
    await opened.commit()
    expect(change).toHaveBeenCalledTimes(1)
    expect((await sessions.open(cookie).load()).data.count).toBe(1)
  })

  test('of a sign-in goes on with the same token, and signs in once', async () => {
    const { sessions, store } = world()
    const { cookie } = await sessions.create({ count: 0 })
    const opened = sessions.open(cookie)
    const session = await opened.load()
    session.regenerate({ subject: 'u1' })
    store.fault = ({ method }) => (method === 'put' ? 'swallow' : undefined)
    await expect(session.save()).rejects.toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
    store.fault = undefined
    const headers = await opened.commit()
    expect(headers.filter(([name]) => name === 'Set-Cookie')).toHaveLength(1)
    expect((await sessions.open(cookie).load()).outcome).toBe('ended')
    const keys = new Set(store.calls.filter(({ method }) => method === 'put').map(({ key }) => key))
    expect(keys.size).toBe(2)
  })

  test('where nothing was applied is ERR_UNAVAILABLE', async () => {
    const { sessions, store } = world()
    const opened = sessions.open(null)
    ;(await opened.load()).update(increment)
    store.fault = () => 'fail'
    await expect(opened.commit()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
  })

  test('a record that is gone at the commit is not written anew', async () => {
    const { sessions, store } = world()
    const { cookie, session } = await sessions.create({ count: 0 })
    const opened = sessions.open(cookie)
    ;(await opened.load()).update(increment)
    await store.delete(session.id)
    await expect(opened.commit()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
    expect((await sessions.open(cookie).load()).outcome).toBe('missing')
  })
})

describe('health and readiness', () => {
  test('up, degraded after a failure, down after three, and up with the next answer', async () => {
    const { sessions, store } = world()
    const { cookie } = await sessions.create({ count: 0 })
    const load = async () => sessions.open(cookie).load({ onUnavailable: 'anonymous' })
    expect(sessions.health().status).toBe('up')
    store.fault = () => 'fail'
    await load()
    expect(sessions.health().status).toBe('degraded')
    await load()
    await load()
    expect(sessions.health().status).toBe('down')
    store.fault = undefined
    await load()
    expect(sessions.health().status).toBe('up')
  })

  test('ready settles once the store answers, and rejects when it does not in time', async () => {
    const { sessions, store } = world()
    let refused = 2
    store.fault = () => (refused-- > 0 ? 'fail' : undefined)
    await sessions.ready()
    store.fault = () => 'fail'
    await expect(sessions.ready()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
    await expect(sessions.ready({ signal: AbortSignal.timeout(60) })).rejects.toMatchObject({
      name: expect.stringMatching(/Timeout|Abort/),
    })
  })

  test('close waits for what is under way', async () => {
    const { sessions, store } = world({ operationTimeout: 5_000, requestTimeout: 5_000 })
    const { cookie } = await sessions.create({ count: 0 })
    const opened = sessions.open(cookie)
    ;(await opened.load()).update(increment)
    let release = (): void => {}
    store.fault = async () => new Promise<undefined>((resolve) => (release = () => resolve(undefined)))
    const committing = opened.commit()
    await Promise.resolve()
    let closed = false
    const closing = sessions.close().then(() => (closed = true))
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(closed).toBe(false)
    release()
    await Promise.all([committing, closing])
  })
})

test('what fails before anybody awaits it does not end the process', async () => {
  const { sessions, store } = world()
  const { cookie, session } = await sessions.create({ count: 0 })
  store.fault = () => 'fail'
  // vitest fails the run for a rejection that nobody has handled.
  const loading = sessions.open(cookie).load()
  session.data.count = 1
  const saving = session.save()
  await new Promise((resolve) => setTimeout(resolve, 300))
  await expect(loading).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
  await expect(saving).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
})

describe("'stale' gives what a copy says", () => {
  /** A store behind a near cache of which no copy counts any more, so that each load asks. */
  function staleWorld(options: Partial<ManagerOptions> = {}) {
    const behind = faultyStore(memoryStore())
    const clock = fakeClock()
    const near = nearCache(behind, { maxAge: 1, clock })
    return { behind, clock, near, ...world({ store: near, onUnavailable: 'stale', clock, ...options }) }
  }
  const aged = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))

  test('with its data and its subject, under its own id, to be read and not to be saved, and with no cookie', async () => {
    const { sessions, behind } = staleWorld()
    const { cookie, session: made } = await sessions.create({ count: 7 }, { subject: 'u1' })
    await aged()
    for (const fault of ['fail', 'hang'] as const) {
      behind.fault = () => fault
      const reading = sessions.open(cookie)
      const session = await reading.load()
      expect([session.outcome, session.data, session.subject, session.id]).toEqual(['unavailable', { count: 7 }, 'u1', made.id])
      expect(reading.failure).toMatchObject({ code: 'ERR_UNAVAILABLE' })
      expect(await reading.commit()).toEqual([['Vary', 'Cookie']])
      for (const change of [
        (each: typeof session) => each.update(increment),
        (each: typeof session) => each.destroy(),
        (each: typeof session) => each.regenerate(),
        (each: typeof session) => void (each.data.count = 9),
      ]) {
        const changing = sessions.open(cookie)
        change(await changing.load())
        await expect(changing.commit()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE', status: 503 })
      }
    }
    behind.fault = undefined
    expect((await sessions.open(cookie).load()).data).toEqual({ count: 7 })
  })

  test('where there is none, or it is older than the freshness cookie says, it is 503', async () => {
    const { sessions, behind, near } = staleWorld()
    const { cookie } = await sessions.create({ count: 7 })
    const other = createSessions<Data>({ store: behind, secrets: ['x'.repeat(32)], initial: () => ({ count: 0 }) })
    const unknown = await other.create({ count: 1 })
    const changing = sessions.open(cookie)
    ;(await changing.load()).update(increment)
    const changed = (await changing.commit()).find(([, line]) => line.includes('-version='))?.[1]?.replace(/;.*/, '')
    const newest = await near.getStale!((await sessions.open(cookie).load()).id)
    await aged()
    behind.fault = () => 'fail'
    await expect(sessions.open(unknown.cookie).load()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
    expect((await sessions.open(`${cookie}; ${changed}`).load()).data).toEqual({ count: 8 })
    near.getStale = async () => ({ ...newest!, version: '0000000001.aaaaaaaa' })
    await sessions.open(cookie).load()
    near.getStale = async (_, options) => (options?.atLeast === undefined ? newest! : null)
    await expect(sessions.open(`${cookie}; ${changed}`).load()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
  })

  test('S6: both timeouts hold, and what has ended stays ended', async () => {
    const { sessions, behind, clock } = staleWorld({ idleTimeout: 60_000, absoluteTimeout: 120_000 })
    const { cookie } = await sessions.create({ count: 7 })
    const leaving = await sessions.create({ count: 7 })
    const out = sessions.open(leaving.cookie)
    ;(await out.load()).destroy()
    await out.commit()
    await aged()
    behind.fault = () => 'fail'
    expect((await sessions.open(leaving.cookie).load()).outcome).toBe('ended')
    clock.advance(59_000)
    expect((await sessions.open(cookie).load()).outcome).toBe('unavailable')
    clock.advance(8_000)
    await expect(sessions.open(cookie).load()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
  })

  test('S21: where the session has to be fresh, no copy is: it is 503', async () => {
    const { sessions, behind } = staleWorld()
    const { cookie } = await sessions.create({ count: 7 })
    behind.fault = () => 'fail'
    await expect(sessions.open(cookie).load({ fresh: true })).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
    expect((await sessions.open(cookie).load()).data).toEqual({ count: 7 })
  })

  test('a copy that cannot be read, or whose deadline has passed, is none: it is 503, and told', async () => {
    const { sessions, behind, near, clock } = staleWorld()
    const { cookie } = await sessions.create({ count: 7 })
    await aged()
    behind.fault = () => 'fail'
    const copy = { version: '0000000001.aaaaaaaa', expiresAt: clock.now() + 1_000, value: Buffer.from('what is this') }
    const told: unknown[] = []
    const stop = onSessionEvent('load', ({ outcome }) => told.push(outcome))
    for (const each of [copy, { ...copy, expiresAt: clock.now() }]) {
      near.getStale = async () => each
      await expect(sessions.open(cookie).load()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
    }
    stop()
    expect(told).toEqual(['failed', 'failed'])
  })

  test('is for stores that keep copies', async () => {
    expect(() => world({ onUnavailable: 'stale' })).toThrow(
      'onUnavailable is "stale" with a store that keeps no copies; it takes "stale" with one that does, such as nearCache(store).',
    )
    const { sessions } = world()
    await expect(sessions.open(null).load({ onUnavailable: 'stale' })).rejects.toMatchObject({ code: 'ERR_OPTION' })
  })
})
