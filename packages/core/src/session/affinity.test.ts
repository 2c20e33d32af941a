import { describe, expect, test } from 'vitest'
import { days, hours, minutes, seconds } from '../duration.ts'
import type { SessionStore } from '../record/store.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { browser } from '../testing/browser.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import { faultyStore } from '../testing/faulty-store.ts'
import { affinity, type AffinityOptions } from './affinity.ts'
import { createSessions } from './manager.ts'
import type { ManagerOptions } from './options.ts'

interface Data {
  n?: number
}

function node(options: AffinityOptions, store: SessionStore = memoryStore(), more: Partial<ManagerOptions> = {}) {
  return createSessions<Data>({ store, secrets: ['a secret of at least thirty-two bytes'], affinity: affinity(options), ...more })
}

const change = (session: { data: Data }): void => void (session.data.n = 1)
const read = (session: { data: Data }): number | undefined => session.data.n
const ofNode = (lines: readonly string[]): string[] => lines.filter((line) => line.startsWith('holdfast_node='))

describe('the routing cookie is written', () => {
  test('with the first change of a visitor, once', async () => {
    const ada = browser(node({ node: 'a' }))
    const first = await ada.visit(change)
    expect(first.setCookies).toHaveLength(2)
    expect(ofNode(first.setCookies)).toEqual(['holdfast_node=a; Path=/; HttpOnly; SameSite=Lax; Secure'])
    expect(first.headers).toContainEqual(['Cache-Control', 'private, no-cache'])
    expect((await ada.visit(read)).setCookies).toEqual([])
    expect((await ada.visit((session) => void (session.data.n = 2))).setCookies).toEqual([])
  })

  test('not for a visitor who stores nothing, nor for a request that never asks', async () => {
    const sessions = node({ node: 'a' })
    expect((await browser(sessions).visit(read)).setCookies).toEqual([])
    const { cookie } = await sessions.create({ n: 1 })
    expect(await sessions.open(cookie).commit()).toEqual([])
  })

  test('where a session is read that came here without it, or from another node', async () => {
    const store = memoryStore()
    const { cookie } = await node({ node: 'a' }, store).create({ n: 1 })
    for (const other of ['', '; holdfast_node=a', '; holdfast_node=B', '; holdfast_node="b"']) {
      const opened = node({ node: 'b' }, store).open(cookie + other)
      expect((await opened.load()).data).toEqual({ n: 1 })
      const lines = (await opened.commit()).filter(([name]) => name === 'Set-Cookie').map(([, line]) => line)
      expect(lines).toEqual(['holdfast_node=b; Path=/; HttpOnly; SameSite=Lax; Secure'])
    }
  })

  test('not where it is one of several of its name', async () => {
    const sessions = node({ node: 'b' })
    const { cookie } = await sessions.create({ n: 1 })
    const opened = sessions.open(`holdfast_node=a; ${cookie}; holdfast_node=b`)
    await opened.load()
    expect(await opened.commit()).toEqual([['Vary', 'Cookie']])
  })

  test('not for a session that is not here, was ended, or cannot be had', async () => {
    const store = faultyStore(memoryStore())
    const sessions = node({ node: 'a' }, store, { onUnavailable: 'anonymous', requestTimeout: 100 })
    const { cookie } = await node({ node: 'b' }).create({ n: 1 })
    const missing = sessions.open(cookie)
    expect((await missing.load()).outcome).toBe('missing')
    expect(await missing.commit()).toEqual([['Vary', 'Cookie']])

    const ada = browser(sessions)
    await ada.visit(change)
    const jar = [...ada.jar]
    const { setCookies } = await ada.visit((session) => session.destroy())
    expect(ofNode(setCookies)).toEqual([])
    expect(ada.jar.get('holdfast_node')).toBe('a')
    expect((await browser(sessions, jar.slice(0, 1)).visit(change)).setCookies).toEqual([])

    const bob = browser(sessions)
    await bob.visit(change)
    bob.jar.delete('holdfast_node')
    store.fault = async () => Promise.reject(new Error('gone'))
    expect((await bob.visit(({ outcome }) => outcome)).setCookies).toEqual([])
  })
})

describe('how long it binds', () => {
  test('maxAge counts from when it was written: it is not renewed while it is presented, not at a sign-in either', async () => {
    const ada = browser(node({ node: 'a', maxAge: hours(8) }))
    const first = ofNode((await ada.visit(change)).setCookies)
    expect(first).toEqual(['holdfast_node=a; Path=/; Max-Age=28800; HttpOnly; SameSite=Lax; Secure'])
    const signIn = await ada.visit((session) => session.regenerate({ subject: 'ada', persistent: days(30) }))
    expect(signIn.setCookies).toHaveLength(1)
    expect(ofNode(signIn.setCookies)).toEqual([])
    ada.jar.delete('holdfast_node')
    expect(ofNode((await ada.visit(read)).setCookies)).toEqual(first)
  })

  test("without it, as long as the session's cookie: with the browser, or as long as a sign-in is to last", async () => {
    const ada = browser(node({ node: 'a' }, memoryStore(), { clock: fakeClock() }))
    await ada.visit(change)
    const { setCookies } = await ada.visit((session) => session.regenerate({ subject: 'ada', persistent: days(30) }))
    expect(ofNode(setCookies)).toEqual(['holdfast_node=a; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure'])
    expect((await ada.visit(change)).setCookies).toEqual([])
  })
})

test("it has the attributes of the session's cookie, so that a browser sends both or neither", async () => {
  const cookie = { secure: true, sameSite: 'none', path: '/shop', domain: 'example.com', partitioned: true } as const
  const { setCookies } = await browser(node({ node: 'a' }, memoryStore(), { cookie })).visit(change)
  expect(ofNode(setCookies)).toEqual(['holdfast_node=a; Path=/shop; Domain=example.com; HttpOnly; SameSite=None; Partitioned; Secure'])
})

test('two managers on one node bind to it together', async () => {
  const one = node({ node: 'a', cookie: 'route', maxAge: hours(1) })
  const other = node({ node: 'a', cookie: 'route', maxAge: hours(1) }, memoryStore(), { cookie: { name: 'other' } })
  const ada = browser(one)
  await ada.visit(change)
  const { setCookies } = await browser(other, ada.jar).visit(change)
  expect(setCookies).toEqual([expect.stringMatching(/^other=/)])
})

describe('wrong options are one error, which names the option, what was given, and what it takes', () => {
  const word = '1 to 64 letters, digits, _, . or -'
  test.each([
    [undefined, `affinity is undefined; it takes an object: affinity({ node: 'a' }).`],
    [{}, `affinity.node is undefined; it takes ${word}.`],
    [{ node: '' }, `affinity.node is ""; it takes ${word}.`],
    [{ node: 'a;b' }, `affinity.node is "a;b"; it takes ${word}.`],
    [{ node: 'a'.repeat(65) }, `affinity.node is a string of 65 characters; it takes ${word}.`],
    [{ node: 'a', cookie: 'my node' }, `affinity.cookie is "my node"; it takes ${word}.`],
    [{ node: 'a', maxAge: 30 }, 'affinity.maxAge is 30; it takes milliseconds from 1000 to 400 days, such as hours(8).'],
    [{ node: 'a', maxAge: days(401) }, 'affinity.maxAge is 34646400000; it takes milliseconds from 1000 to 400 days, such as hours(8).'],
    [{ node: 'a', maxAge: '1h' }, 'affinity.maxAge is "1h"; it takes milliseconds from 1000 to 400 days, such as hours(8).'],
  ])('%o', (options, message) => {
    expect(() => affinity(options as never)).toThrow(expect.objectContaining({ code: 'ERR_OPTION', message }))
  })

  test("a name that one of the session's own cookies has", () => {
    for (const cookie of ['sid', 'sid-version'])
      expect(() => node({ node: 'a', cookie }, memoryStore(), { cookie: { name: 'sid' } })).toThrow(
        `affinity.cookie is "${cookie}"; it takes another name than sid and sid-version.`,
      )
  })

  test('what affinity() did not make is checked as well', () => {
    const options = { store: memoryStore(), secrets: ['a secret of at least thirty-two bytes'], affinity: { node: 'a b' } as never }
    expect(() => createSessions(options)).toThrow('affinity.node is "a b"')
  })

  test('durations are taken from the second to the longest that browsers keep', () => {
    for (const maxAge of [seconds(1), minutes(30), days(400)]) expect(affinity({ node: 'a', maxAge }).maxAge).toBe(maxAge)
  })
})
