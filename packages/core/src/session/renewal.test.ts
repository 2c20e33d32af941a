import { describe, expect, test } from 'vitest'
import { hours, minutes, seconds } from '../duration.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import { faultyStore } from '../testing/faulty-store.ts'
import { createSessions } from './manager.ts'
import type { ManagerOptions } from './options.ts'

function world(options: Partial<ManagerOptions> = {}) {
  const clock = fakeClock()
  const store = faultyStore(memoryStore({ clock }))
  const sessions = createSessions<{ n?: number }>({ store, clock, secrets: ['x'.repeat(32)], ...options })
  async function visit(cookie: string) {
    const opened = sessions.open(cookie)
    const session = await opened.load()
    await opened.commit()
    return session
  }
  return { clock, store, sessions, visit }
}

describe('the idle timeout', () => {
  test('is never shorter than asked: a session renewed at the last throttled moment lives idleTimeout more', async () => {
    const { clock, sessions, visit } = world({ idleTimeout: minutes(30) })
    const { cookie } = await sessions.create({})
    clock.advance(minutes(3))
    await visit(cookie)
    clock.advance(minutes(30) - 1)
    expect((await visit(cookie)).outcome).toBe('live')
  })

  test('is throttled: renewal is one touch for every tenth of it', async () => {
    const { clock, sessions, store, visit } = world({ idleTimeout: minutes(30) })
    const { cookie } = await sessions.create({})
    store.calls.length = 0
    for (let second = 0; second < 600; second++) {
      clock.advance(seconds(1))
      await visit(cookie)
    }
    expect(store.calls.filter(({ method }) => method === 'touch')).toHaveLength(3)
  })

  test('has passed: the session is not given, nor renewed', async () => {
    const { clock, sessions, visit } = world({ idleTimeout: minutes(30) })
    const { cookie } = await sessions.create({ n: 1 })
    clock.advance(minutes(33))
    const session = await visit(cookie)
    expect([session.outcome, session.data]).toEqual(['missing', {}])
  })

  test('strict: renewed on every request, and never longer than asked', async () => {
    const { clock, sessions, store, visit } = world({ idleTimeout: minutes(15), strict: true })
    const { cookie } = await sessions.create({})
    store.calls.length = 0
    clock.advance(1)
    await visit(cookie)
    clock.advance(1)
    await visit(cookie)
    expect(store.calls.map(({ method }) => method)).toEqual(['get', 'touch', 'get', 'touch'])
    clock.advance(minutes(15))
    expect((await visit(cookie)).outcome).not.toBe('live')
  })

  test('a change renews with its own write', async () => {
    const { clock, sessions, store } = world({ idleTimeout: minutes(30) })
    const { cookie } = await sessions.create({})
    clock.advance(minutes(20))
    store.calls.length = 0
    const opened = sessions.open(cookie)
    const session = await opened.load()
    session.data.n = 1
    await opened.commit()
    expect(store.calls.map(({ method }) => method)).toEqual(['get', 'put'])
    expect(session.expiresAt).toBe(clock.now() + minutes(33))
  })
})

describe('S6: the absolute timeout', () => {
  test('ends a session that was renewed all along', async () => {
    const { clock, sessions, visit } = world({ idleTimeout: minutes(30), absoluteTimeout: hours(2) })
    const { cookie } = await sessions.create({})
    for (let minute = 0; minute < 119; minute++) {
      clock.advance(minutes(1))
      expect((await visit(cookie)).outcome).toBe('live')
    }
    clock.advance(minutes(1))
    expect((await visit(cookie)).outcome).toBe('expired')
  })

  test('is not extended by a mere regenerate, and starts again with a sign-in', async () => {
    const { clock, sessions } = world({ idleTimeout: hours(2), absoluteTimeout: hours(2) })
    const { cookie, session } = await sessions.create({})
    clock.advance(hours(1))
    session.regenerate()
    await session.save()
    expect(session.createdAt).toBe(clock.now() - hours(1))
    session.regenerate({ subject: 'u1' })
    await session.save()
    expect(session.createdAt).toBe(clock.now())
    expect((await sessions.open(cookie).load()).outcome).toBe('ended')
  })

  test('S7: is enforced from the record even if the cookie promises more', async () => {
    const store = memoryStore()
    const options = { store, secrets: ['x'.repeat(32)] }
    const clock = fakeClock()
    const long = createSessions({ ...options, clock, absoluteTimeout: hours(24), idleTimeout: hours(24) })
    const short = createSessions({ ...options, clock, absoluteTimeout: hours(1), idleTimeout: hours(1) })
    const { cookie } = await long.create({})
    clock.advance(hours(2))
    expect((await long.open(cookie).load()).outcome).toBe('live')
    expect((await short.open(cookie).load()).outcome).toBe('expired')
  })
})
