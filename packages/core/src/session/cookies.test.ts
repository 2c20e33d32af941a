import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { sessionCookie } from '../cookie/session-cookie.ts'
import { randomToken } from '../cookie/token.ts'
import { days, hours, minutes, seconds } from '../duration.ts'
import { onSessionEvent, type SessionEvents } from '../events.ts'
import type { PutResult, StoredRecord } from '../record/store.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { browser } from '../testing/browser.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import { faultyStore } from '../testing/faulty-store.ts'
import { createSessions } from './manager.ts'
import type { ManagerOptions } from './options.ts'

interface Data {
  cart?: string[]
}
const secret = 'a secret of at least thirty-two bytes'
const newSecret = 'another secret of thirty-two bytes'
const name = '__Host-session'

function world(options: Partial<ManagerOptions> = {}) {
  const clock = fakeClock()
  const store = faultyStore({ ...memoryStore({ clock }), answersFromCopies: options.store?.answersFromCopies })
  const node = (more: Partial<ManagerOptions> = {}) => createSessions<Data>({ secrets: [secret], clock, ...options, store, ...more })
  return { clock, store, node, sessions: node() }
}

describe('a cookie that is not as we signed it', () => {
  test('S2: each bit of it flipped, name and all: never a session, and no store call', async () => {
    const { sessions, store } = world()
    const { cookie } = await sessions.create({ cart: ['book'] })
    store.calls.length = 0
    const bytes = Buffer.from(cookie, 'latin1')
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      const session = await sessions.open(flipped.toString('latin1')).load()
      expect(['new', 'invalid']).toContain(session.outcome)
      expect(session.data).toEqual({})
    }
    expect(store.calls).toEqual([])
  })

  test('S18: no second decoder: what other libraries would read opens nothing, and no store call', async () => {
    const { sessions, store } = world()
    const token = randomToken()
    const json = Buffer.from('{"user":"admin"}').toString('base64url')
    const hmac = (text: string): string => createHmac('sha256', secret).update(text).digest('base64url')
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    const foreign = [
      token,
      json,
      `${none}.${json}.`,
      `${none}.${json}.${hmac(`${none}.${json}`)}`,
      `s:${token}.${hmac(token)}`,
      `s%3A${token}.${hmac(token)}`,
    ]
    const unsigned = [
      `1.${token}`,
      `1.${token}.zzzzzzzz`,
      `1.${token}.zzzzzzzz.`,
      `1.${token}.zzzzzzzz.${hmac(`1.${token}.zzzzzzzz`)}`,
      `{"token":"${token}"}`,
    ]
    for (const value of [...foreign, ...unsigned]) expect((await sessions.open(`${name}=${value}`).load()).outcome).toBe('invalid')
    expect(store.calls).toEqual([])
  })

  test('S14: any header, whatever is in it: the handler still runs', async () => {
    const { sessions } = world()
    const { cookie } = await sessions.create({ cart: ['book'] })
    for (const noise of [
      '',
      ';',
      '=',
      '\0',
      '\u00a0',
      '"',
      '%',
      '%zz',
      '\uD800',
      'a'.repeat(100_000),
      name,
      `${name}=;`.repeat(1000),
      '__proto__=1; constructor=2',
    ]) {
      expect(['new', 'invalid']).toContain((await sessions.open(noise).load()).outcome)
      expect((await sessions.open(`${noise}; ${cookie}`).load()).data.cart).toEqual(['book'])
      expect((await sessions.open(`${cookie}; ${noise}`).load()).data.cart).toEqual(['book'])
    }
  })

  test('S29: whatever the reason, the answer is the same', async () => {
    const { clock, store, sessions, node } = world()
    const cookieOf = async (each = sessions): Promise<string> => (await each.create({ cart: ['book'] })).cookie
    const expired = await cookieOf()
    clock.advance(hours(13))
    const damagedSession = await sessions.create({})
    const damagedRecord = await store.get(damagedSession.session.id)
    await store.put(
      damagedSession.session.id,
      { version: '0000000002.damagedd', expiresAt: clock.now() + hours(1), value: new Uint8Array([1, 2, 3]) },
      { expected: damagedRecord?.version ?? null },
    )
    const reasons = {
      nothing: undefined,
      changed: `${await cookieOf()}x`,
      'of another name': (await cookieOf(node({ cookie: { name: 'other' } }))).replace('other', name),
      'of a secret that was removed': await cookieOf(node({ secrets: [newSecret] })),
      expired,
      unknown: `${name}=${sessionCookie([secret], name).write(randomToken(), clock.now() + 1000)}`,
      damaged: damagedSession.cookie,
    }
    for (const cookie of Object.values(reasons)) {
      const looks = sessions.open(cookie)
      expect(await looks.load()).toMatchObject({ data: {}, subject: undefined })
      expect(await looks.commit()).toEqual([['Vary', 'Cookie']])
      const changes = sessions.open(cookie)
      ;(await changes.load()).data = { cart: ['pen'] }
      const shape = JSON.stringify(await changes.commit()).replace(/1\.[\w-]{43}\.\w{8}\.[\w-]{43}/, 'COOKIE')
      expect(shape).toBe(
        JSON.stringify([
          ['Vary', 'Cookie'],
          ['Cache-Control', 'private, no-cache'],
          ['Set-Cookie', `${name}=COOKIE; Path=/; HttpOnly; SameSite=Lax; Secure`],
        ]),
      )
    }
  })
})

describe('several cookies of the name', () => {
  test('S17: the one that verifies wins, wherever it stands', async () => {
    const { sessions } = world()
    const { session, cookie } = await sessions.create({ cart: ['book'] })
    const tossed = `${name}=1.${randomToken()}.zzzzzzzz.${randomToken()}`
    for (const header of [`${tossed}; ${cookie}`, `${cookie}; ${tossed}`, `${name}=; ${tossed}; a=b; ${cookie}`])
      expect(await sessions.open(header).load()).toMatchObject({ outcome: 'live', id: session.id })
  })

  test('S17: of two that verify the first counts, and an event tells', async () => {
    const { sessions } = world()
    const [one, other] = [await sessions.create({}), await sessions.create({})]
    const seen: SessionEvents['duplicate-cookie'][] = []
    const stop = onSessionEvent('duplicate-cookie', (event) => seen.push(event))
    expect((await sessions.open(`${one.cookie}; ${other.cookie}`).load()).id).toBe(one.session.id)
    expect((await sessions.open(`${other.cookie}; x=y; ${one.cookie}`).load()).id).toBe(other.session.id)
    stop()
    expect(seen).toEqual([
      { id: one.session.id, count: 2 },
      { id: other.session.id, count: 2 },
    ])
  })

  test('S15: U+00A0 and nameless cookies shadow nothing', async () => {
    const { sessions } = world()
    const [good, bad] = [await sessions.create({ cart: ['good'] }), await sessions.create({ cart: ['bad'] })]
    for (const shadow of [
      `\u00a0${bad.cookie}`,
      `=${bad.cookie}`,
      ` =${bad.cookie}`,
      bad.cookie.replace('=', '\u00a0='),
      bad.cookie.toLowerCase(),
    ])
      for (const header of [`${shadow}; ${good.cookie}`, `${good.cookie}; ${shadow}`])
        expect((await sessions.open(header).load()).data.cart).toEqual(['good'])
  })
})

describe('secrets and purposes', () => {
  test('S19: [new, old]: the cookie is signed anew, once, for the same session', async () => {
    const { sessions, node } = world()
    const { session, cookie } = await sessions.create({ cart: ['book'] })
    const ada = browser(node({ secrets: [newSecret, secret] }), [[name, cookie.slice(name.length + 1)]])
    const { answer, setCookies } = await ada.visit(({ id, data }) => ({ id, data }))
    expect(answer).toEqual({ id: session.id, data: { cart: ['book'] } })
    expect(setCookies).toHaveLength(1)
    expect(ada.cookie).not.toBe(cookie)
    expect((await ada.visit(() => {})).setCookies).toEqual([])
    const newOnly = browser(node({ secrets: [newSecret] }), ada.jar)
    expect((await newOnly.visit(({ id }) => id)).answer).toBe(session.id)
  })

  test('S19: a removed secret is refused, and no store call', async () => {
    const { sessions, node, store } = world()
    const { cookie } = await sessions.create({})
    store.calls.length = 0
    expect(
      (
        await node({ secrets: [newSecret] })
          .open(cookie)
          .load()
      ).outcome,
    ).toBe('invalid')
    expect(store.calls).toEqual([])
  })

  test('S19: a cookie is not signed anew for a session that is not there', async () => {
    const { sessions, node } = world()
    const unknown = sessionCookie([secret], name).write(randomToken(), Date.now() + hours(1))
    const { cookie } = await sessions.create({})
    const ada = browser(sessions, [[name, cookie.slice(name.length + 1)]])
    await ada.visit((session) => session.destroy())
    for (const value of [unknown, cookie.slice(name.length + 1)])
      expect((await browser(node({ secrets: [newSecret, secret] }), [[name, value]]).visit(() => {})).setCookies).toEqual([])
  })

  test('S20: a cookie of another name with the same secret is refused', async () => {
    const { sessions, node } = world()
    const admin = node({ cookie: { name: '__Host-admin' } })
    const { cookie } = await sessions.create({})
    expect((await admin.open(cookie.replace(name, '__Host-admin')).load()).outcome).toBe('invalid')
  })

  test('S20: the freshness cookie is no session cookie, nor the reverse', async () => {
    const { sessions, store } = world({ store: { answersFromCopies: true } as ManagerOptions['store'] })
    const ada = browser(sessions)
    await ada.visit((session) => void (session.data.cart = ['book']))
    expect([...ada.jar.keys()]).toEqual([name, `${name}-version`])
    const [session, version] = [...ada.jar.values()] as [string, string]
    store.calls.length = 0
    expect((await sessions.open(`${name}=${version}; ${name}-version=${session}`).load()).outcome).toBe('invalid')
    expect(store.calls).toEqual([])
    // A session cookie where a version is expected proves no version: the session opens as without one.
    expect((await sessions.open(`${name}=${session}; ${name}-version=${session}`).load()).outcome).toBe('live')
  })
})

describe("timeouts are the server's", () => {
  test('S7: a far Max-Age opens nothing once the record has expired, and loading it does not bring it back', async () => {
    const { sessions, clock, store } = world()
    const ada = browser(sessions)
    const { setCookies } = await ada.visit((session) => {
      session.data.cart = ['book']
      session.regenerate({ subject: 'ada', persistent: days(400) })
    })
    expect(setCookies[0]).toContain('; Max-Age=34560000;')
    clock.advance(minutes(34))
    store.calls.length = 0
    for (let reload = 0; reload < 3; reload++) {
      const { answer } = await ada.visit(({ outcome, data, subject }) => ({ live: outcome === 'live', data: { ...data }, subject }))
      expect(answer).toEqual({ live: false, data: {}, subject: undefined })
    }
    expect(store.calls.map(({ method }) => method)).toEqual(['get', 'get', 'get'])
  })

  test('S7: past the absolute timeout the cookie is not even looked up, however often it was used', async () => {
    const { sessions, clock, store } = world()
    const ada = browser(sessions)
    await ada.visit((session) => session.regenerate({ subject: 'ada', persistent: days(400) }))
    for (let used = minutes(20); used < hours(12); used += minutes(20)) {
      clock.advance(minutes(20))
      expect((await ada.visit(({ outcome }) => outcome)).answer).toBe('live')
    }
    clock.advance(minutes(20))
    store.calls.length = 0
    expect((await ada.visit(({ outcome }) => outcome)).answer).toBe('expired')
    expect(store.calls).toEqual([])
  })

  test('S7: a store that keeps what has expired changes nothing: the record itself says when it ends', async () => {
    const { clock, node } = world()
    const kept = new Map<string, StoredRecord>()
    let told: number | undefined
    const sessions = createSessions<Data>({
      clock,
      secrets: [secret],
      store: {
        get: async (key) => ({ ...(kept.get(key) as StoredRecord), ...(told !== undefined && { expiresAt: told }) }),
        put: async (key, record) => ({ stored: kept.set(key, record).size > 0 }) as PutResult,
        touch: async () => true,
        delete: async () => {},
      },
    })
    const { cookie } = await sessions.create({})
    clock.advance(minutes(33) - 1)
    expect((await sessions.open(cookie).load()).outcome).toBe('live')
    clock.advance(1)
    expect((await sessions.open(cookie).load()).outcome).toBe('expired')
    // When even the deadline that the store tells is wrong, the absolute timeout holds by what stands in the value.
    told = clock.now() + days(365)
    const token = cookie.split('.')[1] as string
    const forEver = `${name}=${sessionCookie([secret], name).write(token, told)}`
    expect((await sessions.open(forEver).load()).outcome).toBe('live')
    clock.advance(hours(12))
    expect((await sessions.open(forEver).load()).outcome).toBe('expired')
    expect((await node().open(forEver).load()).outcome).toBe('missing')
  })

  test('S13: a persistent cookie lasts a second to 400 days', async () => {
    const session = await world().sessions.open(null).load()
    for (const persistent of [seconds(1), days(400)]) session.regenerate({ persistent })
    for (const persistent of [0, 999, days(400) + 1]) expect(() => session.regenerate({ persistent })).toThrow('regenerate({ persistent })')
  })

  test('S13: the longest name that is allowed leaves room for every value', async () => {
    const { node } = world({ store: { answersFromCopies: true } as ManagerOptions['store'] })
    const { setCookies } = await browser(node({ cookie: { name: 'n'.repeat(248) } })).visit((session) =>
      session.regenerate({ subject: 'ada' }),
    )
    expect(setCookies).toHaveLength(2)
    for (const line of setCookies) expect(line.indexOf(';')).toBeLessThan(4096)
  })
})

describe('what is answered', () => {
  const secure = 'Path=/; HttpOnly; SameSite=Lax; Secure'
  const value = /1\.[\w.-]+/

  test('S11, S12, S30: one cookie when a session starts, one when it is replaced, one when it is cleared, none between', async () => {
    const ada = browser(world().sessions)
    const steps = [
      await ada.visit(() => {}),
      await ada.visit((session) => void (session.data.cart = [])),
      await ada.visit((session) => void (session.data.cart = ['book'])),
      await ada.visit(() => {}),
      await ada.visit((session) => session.regenerate({ subject: 'ada' })),
      await ada.visit((session) => session.destroy()),
      await ada.visit((session) => session.destroy()),
    ]
    const set = `${name}=VALUE; ${secure}`
    const clear = `${name}=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax; Secure`
    expect(steps.map(({ setCookies }) => setCookies.map((line) => line.replace(value, 'VALUE')))).toEqual([
      [],
      [set],
      [],
      [],
      [set],
      [clear],
      [],
    ])
    for (const { headers, setCookies } of steps) {
      expect(headers.filter(([header]) => header === 'Vary')).toEqual([['Vary', 'Cookie']])
      expect(headers.filter(([header]) => header === 'Cache-Control')).toHaveLength(setCookies.length)
    }
  })

  test('S30: a commit that is asked for twice is one commit, with one answer', async () => {
    const { sessions, store } = world()
    const opened = sessions.open(null)
    ;(await opened.load()).data.cart = ['book']
    const [one, other] = await Promise.all([opened.commit(), opened.commit()])
    expect(other).toBe(one)
    expect(store.calls.map(({ method }) => method)).toEqual(['put'])
  })

  test('S30: an outage sets, clears and overwrites no cookie', async () => {
    const { store, sessions } = world({ onUnavailable: 'anonymous' })
    const { cookie } = await sessions.create({ cart: ['book'] })
    store.fault = () => 'fail'
    for (const change of ['look', 'destroy'] as const) {
      const opened = sessions.open(cookie)
      const session = await opened.load()
      expect(session.outcome).toBe('unavailable')
      if (change === 'destroy') session.destroy()
      expect(JSON.stringify(await opened.commit().catch(() => []))).not.toContain('Set-Cookie')
    }
  })
})
