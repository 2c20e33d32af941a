import { describe, expect, test } from 'vitest'
import { hours, minutes } from '../duration.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import { faultyStore } from '../testing/faulty-store.ts'
import { createSessions } from './manager.ts'
import type { ManagerOptions } from './options.ts'
import type { SetHeaders } from './apply-headers.ts'

interface Data {
  cart: string[]
  theme?: string
}
const secret = 'a secret of at least thirty-two bytes'

function world(options: Partial<ManagerOptions> = {}) {
  const clock = fakeClock()
  const store = faultyStore(memoryStore({ clock }))
  const sessions = createSessions<Data>({ store, secrets: [secret], clock, initial: () => ({ cart: [] }), ...options })
  return { clock, store, sessions }
}

function cookieOf(headers: SetHeaders): string {
  return setCookies(headers)[0]?.split(';', 1)[0] ?? ''
}

function setCookies(headers: SetHeaders): string[] {
  return headers.filter(([name]) => name === 'Set-Cookie').map(([, value]) => value)
}

const methods = (store: { calls: readonly { method: string }[] }): string[] => store.calls.map(({ method }) => method)

describe('nothing for nothing', () => {
  test('a request that never asks for its session costs no store call and sets no header', async () => {
    const { sessions, store } = world()
    const { cookie } = await sessions.create({ cart: [] })
    store.calls.length = 0
    const opened = sessions.open(cookie)
    expect(await opened.commit()).toEqual([])
    expect(opened.asked).toBe(false)
    expect(store.calls).toEqual([])
  })

  test('the Cookie header is not even asked for', async () => {
    const { sessions } = world()
    let asked = 0
    const opened = sessions.open(() => void asked++ as undefined)
    await opened.commit()
    expect(asked).toBe(0)
  })

  test('a visitor who stores nothing gets no cookie and no record', async () => {
    const { sessions, store } = world()
    const opened = sessions.open(null)
    const session = await opened.load()
    expect([session.outcome, session.data]).toEqual(['new', { cart: [] }])
    expect(await opened.commit()).toEqual([['Vary', 'Cookie']])
    expect(store.calls).toEqual([])
  })

  test('a cookie whose signature fails costs no store call', async () => {
    const { sessions, store } = world()
    const session = await sessions.open('__Host-session=1.forged.x.y').load()
    expect([session.outcome, store.calls]).toEqual(['invalid', []])
  })

  test('reading is one store call, changing one more, and neither twice', async () => {
    const { sessions, store } = world()
    const { cookie } = await sessions.create({ cart: [] })
    store.calls.length = 0
    const opened = sessions.open(cookie)
    const [session, same] = await Promise.all([opened.load(), opened.load()])
    expect(same).toBe(session)
    session.data.theme = 'dark'
    await opened.commit()
    await opened.commit()
    expect(methods(store)).toEqual(['get', 'put'])
  })

  test('what was touched and not changed is not written', async () => {
    const { sessions, store } = world()
    const { cookie } = await sessions.create({ cart: ['a'] })
    store.calls.length = 0
    const opened = sessions.open(cookie)
    const session = await opened.load()
    session.data.cart.push('b')
    session.data.cart.pop()
    expect(setCookies(await opened.commit())).toEqual([])
    expect(methods(store)).toEqual(['get'])
  })
})

describe('a sign-in', () => {
  test('is one write, with a cookie that opens the session', async () => {
    const { sessions, store } = world()
    const opened = sessions.open(null)
    const session = await opened.load()
    session.data.cart.push('a')
    session.regenerate({ subject: 'u1' })
    const headers = await opened.commit()
    expect(methods(store)).toEqual(['put'])
    expect(setCookies(headers)[0]).toMatch(/^__Host-session=1\.[\w-]{43}\.[0-9a-z]+\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/)
    const again = await sessions.open(cookieOf(headers)).load()
    expect([again.outcome, again.subject, again.data, again.id]).toEqual(['live', 'u1', { cart: ['a'] }, session.id])
  })

  test('S4: gives a new token under the same data, and the old one opens nothing', async () => {
    const { sessions, store } = world()
    const { cookie: before, session: first } = await sessions.create({ cart: ['a'] })
    store.calls.length = 0
    const opened = sessions.open(before)
    ;(await opened.load()).regenerate({ subject: 'u1' })
    const after = cookieOf(await opened.commit())
    expect(methods(store)).toEqual(['get', 'put', 'put'])
    const [old, now] = await Promise.all([sessions.open(before).load(), sessions.open(after).load()])
    expect([old.outcome, old.data, old.subject]).toEqual(['ended', { cart: [] }, undefined])
    expect([now.outcome, now.data, now.subject]).toEqual(['live', { cart: ['a'] }, 'u1'])
    expect(now.id).not.toBe(first.id)
  })

  test('S5: a validly signed but unknown token is never adopted', async () => {
    const { sessions: elsewhere } = world()
    const { cookie, session: stranger } = await elsewhere.create({ cart: [] })
    const { sessions } = world()
    const opened = sessions.open(cookie)
    const session = await opened.load()
    session.data.cart.push('a')
    const issued = cookieOf(await opened.commit())
    expect(session.outcome).toBe('missing')
    expect(issued).not.toBe('')
    expect(issued).not.toBe(cookie)
    expect(session.id).not.toBe(stranger.id)
  })

  test('that comes twice at once (a double click) is stored twice, and either cookie opens a session', async () => {
    const { sessions } = world()
    const { cookie } = await sessions.create({ cart: ['a'] })
    const both = [sessions.open(cookie), sessions.open(cookie)]
    for (const opened of both) (await opened.load()).regenerate({ subject: 'u1' })
    const headers = await Promise.all(both.map(async (opened) => opened.commit()))
    const sessionsNow = await Promise.all(headers.map(async (each) => sessions.open(cookieOf(each)).load()))
    expect(sessionsNow.map(({ outcome, subject }) => [outcome, subject])).toEqual([
      ['live', 'u1'],
      ['live', 'u1'],
    ])
  })

  test('with persistent outlives the browser, and without it does not', async () => {
    const { sessions, clock } = world({ absoluteTimeout: hours(24 * 60) })
    const opened = sessions.open(null)
    ;(await opened.load()).regenerate({ subject: 'u1', persistent: hours(24 * 30) })
    const headers = await opened.commit()
    expect(setCookies(headers)[0]).toContain('; Max-Age=2592000;')
    const next = sessions.open(cookieOf(headers))
    clock.advance(minutes(10))
    ;(await next.load()).regenerate()
    expect(setCookies(await next.commit())[0]).toContain(`; Max-Age=${2592000 - 600};`)
    const last = sessions.open(cookieOf(await next.commit()))
    ;(await last.load()).regenerate({ subject: 'u2' })
    expect(setCookies(await last.commit())[0]).not.toContain('Max-Age')
  })
})

describe('a sign-out', () => {
  test('S8: ends the session on the server and clears the cookie', async () => {
    const { sessions } = world()
    const { cookie } = await sessions.create({ cart: ['a'] }, { subject: 'u1' })
    const opened = sessions.open(cookie)
    ;(await opened.load()).destroy()
    expect(setCookies(await opened.commit())).toEqual([
      '__Host-session=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax; Secure',
    ])
    const replayed = await sessions.open(cookie).load()
    expect([replayed.outcome, replayed.data, replayed.subject]).toEqual(['ended', { cart: [] }, undefined])
  })

  test('S9: a slow change that finishes after it is not saved, passes, and sets no cookie', async () => {
    const { sessions } = world()
    const { cookie } = await sessions.create({ cart: [] })
    const slow = sessions.open(cookie)
    const session = await slow.load()
    session.data.cart.push('late')
    const signOut = sessions.open(cookie)
    ;(await signOut.load()).destroy()
    await signOut.commit()
    expect(await slow.commit()).toEqual([['Vary', 'Cookie']])
    expect((await sessions.open(cookie).load()).outcome).toBe('ended')
  })

  test('an explicit save after it throws ERR_ENDED', async () => {
    const { sessions } = world()
    const { cookie, session } = await sessions.create({ cart: [] })
    const signOut = sessions.open(cookie)
    ;(await signOut.load()).destroy()
    await signOut.commit()
    session.data.cart.push('late')
    await expect(session.save()).rejects.toMatchObject({ code: 'ERR_ENDED', status: 401 })
  })

  test('with the token of before a regenerate ends the session that took its place', async () => {
    const { sessions } = world()
    const { cookie: before } = await sessions.create({ cart: [] })
    const signOut = sessions.open(before)
    const session = await signOut.load()
    const rotation = sessions.open(before)
    ;(await rotation.load()).regenerate()
    const after = cookieOf(await rotation.commit())
    session.destroy()
    await signOut.commit()
    expect((await sessions.open(after).load()).outcome).toBe('ended')
  })

  test('with the token of before a sign-in that is over reaches nothing: whoever planted that token cannot sign the user out', async () => {
    const { sessions } = world()
    const { cookie: planted } = await sessions.create({ cart: [] })
    const signIn = sessions.open(planted)
    ;(await signIn.load()).regenerate({ subject: 'ada' })
    const fresh = cookieOf(await signIn.commit())
    const thief = sessions.open(planted)
    ;(await thief.load()).destroy()
    await thief.commit()
    expect((await sessions.open(fresh).load()).outcome).toBe('live')
  })

  test('leaves a request that was under way without a session of its own, and lets a browser start anew later', async () => {
    const { sessions, clock } = world()
    const { cookie } = await sessions.create({ cart: [] })
    const signOut = sessions.open(cookie)
    ;(await signOut.load()).destroy()
    await signOut.commit()
    const late = sessions.open(cookie)
    ;(await late.load()).data.cart.push('a')
    expect(setCookies(await late.commit())).toEqual([])
    clock.advance(minutes(2))
    const later = sessions.open(cookie)
    const session = await later.load()
    session.data.cart.push('a')
    expect([session.outcome, setCookies(await later.commit()).length]).toEqual(['ended', 1])
  })

  test('of a visitor whose cookie is no good clears it without a store call', async () => {
    const { sessions, store } = world()
    const opened = sessions.open('__Host-session=nonsense')
    ;(await opened.load()).destroy()
    expect(setCookies(await opened.commit())[0]).toContain('Max-Age=0')
    expect(store.calls).toEqual([])
  })
})

describe('the unit of work', () => {
  test('carries update, plain changes and regenerate out in one write', async () => {
    const { sessions, store } = world()
    const opened = sessions.open(null)
    const session = await opened.load()
    session.update((data) => void data.cart.push('a'))
    session.data.theme = 'dark'
    session.regenerate({ subject: 'u1' })
    await opened.commit()
    expect(methods(store)).toEqual(['put'])
    expect(session.data).toEqual({ cart: ['a'], theme: 'dark' })
  })

  test('is not extensible: session.user = x for session.data.user = x fails loudly', async () => {
    const session = await world().sessions.open(null).load()
    expect(() => Object.assign(session, { user: 'x' })).toThrow(TypeError)
  })

  test('discard drops what is pending', async () => {
    const { sessions, store } = world()
    const { cookie } = await sessions.create({ cart: ['a'] })
    store.calls.length = 0
    const opened = sessions.open(cookie)
    const session = await opened.load()
    session.update((data) => void data.cart.push('b'))
    session.data.theme = 'dark'
    session.destroy()
    session.discard()
    expect(session.data).toEqual({ cart: ['a'] })
    await opened.commit()
    expect(methods(store)).toEqual(['get'])
  })

  test('save commits at once, and the session stays usable', async () => {
    const { sessions } = world()
    const { cookie } = await sessions.create({ cart: [] })
    const opened = sessions.open(cookie)
    const session = await opened.load()
    session.data.cart.push('a')
    await session.save()
    session.data.cart.push('b')
    await opened.commit()
    expect((await sessions.open(cookie).load()).data.cart).toEqual(['a', 'b'])
  })

  test('a save() of a new session has its cookie in the answer', async () => {
    const { sessions } = world()
    const opened = sessions.open(null)
    const session = await opened.load()
    session.data.cart.push('a')
    await session.save()
    expect((await sessions.open(cookieOf(await opened.commit())).load()).id).toBe(session.id)
  })

  test('saves that nobody awaited come one after the other, and are all there', async () => {
    const { sessions } = world()
    const { cookie } = await sessions.create({ cart: [] })
    const opened = sessions.open(cookie)
    const session = await opened.load()
    session.data.cart.push('a')
    const first = session.save()
    session.data.cart.push('b')
    const second = session.save()
    session.data.cart.push('c')
    await Promise.all([first, second, opened.commit()])
    expect((await sessions.open(cookie).load()).data.cart).toEqual(['a', 'b', 'c'])
  })

  test('takes no more after the answer: methods throw ERR_COMMITTED', async () => {
    const { sessions } = world()
    const opened = sessions.open(null)
    const session = await opened.load()
    await opened.commit()
    const committed = expect.objectContaining({ code: 'ERR_COMMITTED' })
    expect(() => session.update(() => {})).toThrow(committed)
    expect(() => session.regenerate()).toThrow(committed)
    expect(() => session.destroy()).toThrow(committed)
    await expect(session.save()).rejects.toEqual(committed)
  })

  test('an update that throws leaves the data as it was', async () => {
    const session = await world().sessions.open(null).load()
    const failing = (data: Data): void => {
      data.cart.push('half')
      throw new Error('no')
    }
    expect(() => session.update(failing)).toThrow('no')
    expect(session.data.cart).toEqual([])
  })

  test('an async update is refused and changes nothing', async () => {
    const session = await world().sessions.open(null).load()
    const async = (async (data: Data) => void data.cart.push('late')) as unknown as (data: Data) => void
    expect(() => session.update(async)).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION', message: expect.stringContaining('must not be async') }),
    )
    expect(session.data.cart).toEqual([])
  })

  test('S25: what was cleared is saved as cleared', async () => {
    const { sessions } = world()
    const { cookie } = await sessions.create({ cart: ['a'], theme: 'dark' })
    const opened = sessions.open(cookie)
    const session = await opened.load()
    session.data = { cart: [] }
    await opened.commit()
    expect((await sessions.open(cookie).load()).data).toEqual({ cart: [] })
  })

  test('a handler that never awaited its session is waited for', async () => {
    const { sessions, store } = world()
    const { cookie } = await sessions.create({ cart: [] })
    store.fault = () => 20
    const opened = sessions.open(cookie)
    void opened.load().then((session) => session.data.cart.push('a'))
    await opened.commit()
    expect((await sessions.open(cookie).load()).data.cart).toEqual(['a'])
  })
})

test('an initial that gives the same object each time does not hand one visitor the data of another', async () => {
  const shared: Data = { cart: [] }
  const { sessions } = world({ initial: () => shared } as Partial<ManagerOptions>)
  ;(await sessions.open(null).load()).data.cart.push('mine')
  expect((await sessions.open(null).load()).data.cart).toEqual([])
})

test('S17: a cookie whose deadline has passed does not hide a live one behind it', async () => {
  const { sessions, clock } = world({ absoluteTimeout: hours(1) })
  const leftover = (await sessions.create({ cart: [] })).cookie
  clock.advance(hours(2))
  const { cookie } = await sessions.create({ cart: ['a'] })
  expect((await sessions.open(`${leftover}; ${cookie}`).load()).outcome).toBe('live')
})
