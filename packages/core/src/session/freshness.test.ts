import { expect, test } from 'vitest'
import { onSessionEvent } from '../events.ts'
import type { GetOptions, SessionStore } from '../record/store.ts'
import { nearCache } from '../resilience/near-cache/near-cache.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { browser } from '../testing/browser.ts'
import { createSessions } from './manager.ts'

/** A store that says it answers from copies, and notes what it is asked. */
function copies(): SessionStore & { readonly gets: GetOptions[] } {
  const store = memoryStore()
  const gets: GetOptions[] = []
  return { ...store, answersFromCopies: true, gets, get: (key, options = {}) => (gets.push({ ...options }), store.get(key, options)) }
}
const secrets = ['x'.repeat(32)]

function pairs(headers: readonly (readonly [string, string])[]): string[] {
  return headers.filter(([name]) => name === 'Set-Cookie').map(([, line]) => line.split(';', 1)[0] as string)
}

test('a store that answers from copies: a change writes the version, and the next read demands it', async () => {
  const store = copies()
  const sessions = createSessions<{ n?: number }>({ store, secrets })
  const opened = sessions.open(null)
  const session = await opened.load()
  session.data.n = 1
  const [token, freshness] = pairs(await opened.commit())
  expect(freshness).toMatch(/^__Host-session-version=1\.0000000001\.[\w-]{8}\.[\w-]{43}$/)
  const next = sessions.open(`${token}; ${freshness}`)
  const again = await next.load()
  expect([again.outcome, store.gets[0]?.atLeast]).toEqual([
    'live',
    freshness?.slice(freshness.indexOf('=') + 3, freshness.lastIndexOf('.')),
  ])
  again.data.n = 2
  const lines = pairs(await next.commit())
  expect(lines).toEqual([expect.stringMatching(/^__Host-session-version=1\.0000000002\./)])
})

test('without the freshness cookie, or with one of another session, a read demands no version and finds the session', async () => {
  const store = copies()
  const sessions = createSessions<{ n?: number }>({ store, secrets })
  const write = async () => {
    const opened = sessions.open(null)
    ;(await opened.load()).data.n = 1
    return pairs(await opened.commit())
  }
  const [token] = await write()
  const [, foreign] = await write()
  for (const cookie of [`${token}`, `${token}; ${foreign}`, `${token}; __Host-session-version=1.9999999999.AAAAAAAA.forged`]) {
    expect((await sessions.open(cookie).load()).outcome).toBe('live')
    expect(store.gets.at(-1)?.atLeast).toBeUndefined()
  }
})

test('a store that is its own authority costs no second cookie', async () => {
  const sessions = createSessions<{ n?: number }>({ store: memoryStore(), secrets })
  const { setCookies } = await browser(sessions).visit((session) => void (session.data.n = 1))
  expect(setCookies).toHaveLength(1)
})

test('S17: a version that is claimed and not proven asks nobody, and tells of no lost change', async () => {
  const shared = copies()
  const sessions = createSessions<{ n?: number }>({ store: nearCache(shared), secrets })
  const { cookie } = await sessions.create({ n: 1 })
  await sessions.open(cookie).load()
  const lost: unknown[] = []
  const stop = onSessionEvent('lost-change', (event) => lost.push(event))
  const before = shared.gets.length
  const forged = `${cookie}; __Host-session-version=1.9999999999.AAAAAAAA.forged`
  expect((await sessions.open(forged).load()).data).toEqual({ n: 1 })
  stop()
  expect(shared.gets.length).toBe(before)
  expect(lost).toEqual([])
})
