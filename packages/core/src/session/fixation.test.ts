import { describe, expect, test } from 'vitest'
import { sessionCookie } from '../cookie/session-cookie.ts'
import { idOf, randomToken } from '../cookie/token.ts'
import { days, minutes } from '../duration.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { browser } from '../testing/browser.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import { faultyStore } from '../testing/faulty-store.ts'
import { createSessions } from './manager.ts'

interface Data {
  cart: string[]
}
const secret = 'a secret of at least thirty-two bytes'
const name = '__Host-session'

function world() {
  const clock = fakeClock()
  const memory = memoryStore({ clock })
  const store = faultyStore(memory)
  const node = () => createSessions<Data>({ store, secrets: [secret], clock, initial: () => ({ cart: [] }) })
  return { clock, memory, store, node, sessions: node() }
}
const signed = (token: string): string => `${name}=${sessionCookie([secret], name).write(token, Date.now() + days(1))}`

describe('a token that a client brings', () => {
  test('S5: is never adopted, though its signature holds: a session that is stored gets a fresh one', async () => {
    const { sessions, store } = world()
    const token = randomToken()
    const opened = sessions.open(signed(token))
    const session = await opened.load()
    expect(session.outcome).toBe('missing')
    expect(session.id).not.toBe(idOf(token))
    session.data.cart.push('book')
    const headers = await opened.commit()
    expect(JSON.stringify(headers)).not.toContain(token)
    expect(store.calls).toEqual([
      { method: 'get', key: idOf(token) },
      { method: 'put', key: session.id },
    ])
    expect(await store.get(idOf(token))).toBeNull()
  })

  test('S5: neither is one of a session that was signed out, nor of one that has expired', async () => {
    const { sessions, clock, store } = world()
    const ada = browser(sessions)
    await ada.visit((session) => session.regenerate({ subject: 'ada' }))
    const [signedOut, id] = [ada.cookie, (await ada.visit(({ id: now }) => now)).answer]
    await ada.visit((session) => session.destroy())
    clock.advance(minutes(2))
    const late = browser(sessions, [[name, signedOut.slice(name.length + 1)]])
    const { answer } = await late.visit((session) => {
      session.data.cart.push('book')
      return [session.outcome, session.id, session.subject]
    })
    expect(answer).toEqual(['ended', expect.not.stringContaining(id), undefined])
    expect(late.cookie).not.toBe(signedOut)
    expect((await store.get(id))?.value).toHaveLength(0)
  })

  test('S27: only keys of 43 letters of one alphabet reach the store, whatever is in the cookie', async () => {
    const { sessions, store } = world()
    const tokens = [
      '',
      '../../etc',
      'a'.repeat(251),
      'a'.repeat(43),
      '\r\nflush_all\r\n',
      '\u{1f36a}'.repeat(43),
      '\0',
      ' ',
      'a b',
      '%0d%0a',
    ]
    for (const token of tokens) {
      const ada = browser(sessions, [[name, signed(token).slice(name.length + 1)]])
      await ada.visit((session) => void session.data.cart.push(token))
      await ada.visit((session) => session.regenerate({ subject: `\r\n${token}` }))
      await ada.visit((session) => session.destroy())
      await sessions.open(`${name}=${token}; ${token}=${signed(randomToken())}`).load()
    }
    await sessions.create({ cart: [] }, { subject: 'ada' })
    await sessions.ready()
    expect(new Set(store.calls.map(({ method }) => method))).toEqual(new Set(['get', 'put']))
    for (const { key } of store.calls) expect(key).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })
})

describe('regenerate', () => {
  test('S4: the old cookie opens nothing from then on, on any node, and the new one opens the same data', async () => {
    const { sessions, node, clock } = world()
    const ada = browser(sessions)
    await ada.visit((session) => void session.data.cart.push('book'))
    const planted = ada.cookie
    await ada.visit((session) => session.regenerate({ subject: 'ada' }))
    expect(ada.cookie).not.toBe(planted)
    for (const wait of [0, minutes(2), minutes(20), minutes(25)]) {
      clock.advance(wait)
      for (const each of [sessions, node()]) {
        const thief = await each.open(planted).load()
        expect([thief.outcome === 'live', thief.data, thief.subject]).toEqual([false, { cart: [] }, undefined])
      }
      await ada.visit((session) => session.data)
    }
    const { answer } = await browser(node(), ada.jar).visit(({ outcome, subject, data }) => ({ outcome, subject, data }))
    expect(answer).toEqual({ outcome: 'live', subject: 'ada', data: { cart: ['book'] } })
  })

  test('S4: what is written with the old cookie under way changes neither session', async () => {
    const { sessions } = world()
    const ada = browser(sessions)
    await ada.visit((session) => void session.data.cart.push('book'))
    const thief = sessions.open(ada.cookie)
    const stolen = await thief.load()
    await ada.visit((session) => session.regenerate({ subject: 'ada' }))
    stolen.data.cart.push('planted')
    expect(await thief.commit()).toEqual([['Vary', 'Cookie']])
    expect((await ada.visit(({ data }) => data.cart)).answer).toEqual(['book'])
  })

  test('S9: a request that was under way at the sign-out saves nothing and sets no cookie', async () => {
    const { sessions, store } = world()
    const ada = browser(sessions)
    await ada.visit((session) => session.regenerate({ subject: 'ada' }))
    const captured = ada.cookie
    const slow = sessions.open(captured)
    const late = await slow.load()
    await ada.visit((session) => session.destroy())
    late.update((data) => void data.cart.push('late'))
    expect(await slow.commit()).toEqual([['Vary', 'Cookie']])
    expect((await store.get(late.id))?.value).toHaveLength(0)
    expect((await sessions.open(captured).load()).outcome).toBe('ended')
  })
})

describe('the store', () => {
  test('S3: nothing in a dump of it makes a cookie: not its keys, nor its values, nor both with the secret of another name', async () => {
    const { sessions, memory } = world()
    const { session, cookie } = await sessions.create({ cart: ['book'] }, { subject: 'ada' })
    const token = cookie.split('.')[1] as string
    const record = await memory.get(session.id)
    const dump = `${session.id} ${record?.version} ${Buffer.from(record?.value ?? []).toString('latin1')}`
    for (const spelling of ['base64url', 'base64', 'hex', 'latin1'] as const)
      expect(dump).not.toContain(Buffer.from(token, 'base64url').toString(spelling))
    for (const thief of [`1.${session.id}.zzzzzzzz.${session.id}`, `1.${session.id}.zzzzzzzz.`]) {
      expect((await sessions.open(`${name}=${thief}`).load()).outcome).toBe('invalid')
    }
    // Even signed, the key of a record is no token: it would have to be its own hash.
    expect((await sessions.open(signed(session.id)).load()).outcome).toBe('missing')
  })

  test('S23: 10,000 anonymous, forged, unknown and signed-out requests leave no key in it', async () => {
    const { sessions, memory, store } = world()
    const ada = browser(sessions)
    await ada.visit((session) => session.regenerate({ subject: 'ada' }))
    const signedOut = ada.cookie
    await ada.visit((session) => session.destroy())
    const before = memory.stats().entries
    store.calls.length = 0
    const cookies = [undefined, '', 'a=1', `${name}=`, `${name}=1.${randomToken()}.zzzz.${randomToken()}`, signedOut]
    const seen = new Set<string>()
    for (let i = 0; i < 10_000; i++) {
      const opened = sessions.open(i % 7 === 6 ? signed(randomToken()) : cookies[i % 7])
      const session = await opened.load()
      // What handlers do with a visitor: they look, they change nothing, they sign out whoever it is.
      seen.add(JSON.stringify(session.data))
      if (i % 3 === 0) session.data.cart = []
      if (i % 5 === 0) session.update((data) => void data.cart.push())
      if (i % 11 === 0) session.destroy()
      await opened.commit()
    }
    expect([...seen]).toEqual(['{"cart":[]}'])
    expect(store.calls.filter(({ method }) => method !== 'get')).toEqual([])
    expect(memory.stats().entries).toBe(before)
  })
})
