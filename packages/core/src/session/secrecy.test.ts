import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { onSessionEvent, type SessionEventName } from '../events.ts'
import type { SessionStore } from '../record/store.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { browser } from '../testing/browser.ts'
import { fakeClock } from '../testing/fake-clock.ts'
import { createSessions } from './manager.ts'
import type { SessionOptions } from './options.ts'
import type { Session } from './session.ts'

interface Data {
  card?: unknown
  cart?: string[]
}
const secret = 'a secret of at least thirty-two bytes'
const payload = 'card-4111-1111'
const name = '__Host-session'

const eventNames: Record<SessionEventName, true> = {
  load: true,
  commit: true,
  conflict: true,
  overlap: true,
  'late-change': true,
  missing: true,
  ended: true,
  'duplicate-cookie': true,
  'bad-record': true,
  'lost-change': true,
  'not-replicated': true,
  hedge: true,
  failover: true,
  breaker: true,
  node: true,
  repair: true,
  fork: true,
  'hand-off-full': true,
  'backup-behind': true,
}

/** All that gets out: errors, events, warnings, as text with every hidden and inherited property. */
let outside: string[]
let seen: Set<SessionEventName>
let stops: (() => void)[]

const tell = (what: unknown): void => {
  outside.push(inspect(what, { depth: 20, showHidden: true, getters: true }), JSON.stringify(what) ?? '', String((what as Error)?.stack))
}

beforeEach(() => {
  outside = []
  seen = new Set()
  process.on('warning', tell)
  stops = (Object.keys(eventNames) as SessionEventName[]).map((event) =>
    onSessionEvent(event, (payloadOfEvent) => {
      seen.add(event)
      tell(payloadOfEvent)
    }),
  )
})
afterEach(() => {
  process.off('warning', tell)
  for (const stop of stops) stop()
})

/** Runs what is to fail, and tells how. Answers the code. */
async function failing(run: () => unknown): Promise<unknown> {
  try {
    await run()
    return 'nothing failed'
  } catch (error) {
    tell(error)
    return (error as { code?: unknown }).code
  }
}

function expectNothingOf(...cookies: string[]): void {
  const tokens = cookies.flatMap((cookie) => cookie.split(/[.=;]/)).filter((part) => part.length === 43)
  expect(outside.length).toBeGreaterThan(0)
  expect(tokens.length).toBeGreaterThanOrEqual(cookies.length)
  for (const text of outside) for (const confidential of [secret, payload, ...cookies, ...tokens]) expect(text).not.toContain(confidential)
}

/** What client libraries throw: errors that carry the command with its key and value, in every place there is. */
const clientErrors: Record<string, (quoted: string) => unknown> = {
  'a reply error with its command, as ioredis gives it': (quoted) =>
    Object.assign(new Error(`WRONGTYPE ${quoted}`), { name: 'ReplyError', command: { name: 'evalsha', args: ['key', quoted] } }),
  'a network error': (quoted) => Object.assign(new Error(`write ${quoted}`), { code: 'EPIPE', syscall: quoted }),
  'an error whose code and name are data': (quoted) => Object.assign(new Error(quoted), { code: quoted, name: quoted }),
  'an error with a cause': (quoted) => new Error('failed', { cause: new Error(quoted) }),
  'several errors': (quoted) => new AggregateError([new Error(quoted)], quoted),
  'a text': (quoted) => quoted,
  'an object': (quoted) => ({ message: quoted, toString: () => quoted }),
  null: () => null,
  undefined: () => undefined,
}

/** A store that works until it is told what to throw. */
function throwingStore() {
  const memory = memoryStore()
  const trouble: { make: ((quoted: string) => unknown) | undefined; atOnce: boolean } = { make: undefined, atOnce: false }
  const around =
    <Args extends unknown[], Answer>(call: (...args: Args) => Promise<Answer>) =>
    (...args: Args): Promise<Answer> => {
      if (trouble.make === undefined) return call(...args)
      const error = trouble.make(
        `${payload} ${inspect(args, { depth: 5 })} ${Buffer.from((args[1] as { value?: Uint8Array })?.value ?? []).toString()}`,
      )
      if (trouble.atOnce) throw error
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- libraries do
      return Promise.reject(error)
    }
  const store: SessionStore = {
    get: around(memory.get),
    put: around(memory.put),
    touch: around(memory.touch),
    delete: around(memory.delete),
  }
  return { memory, store, trouble }
}

describe('S24: nothing confidential gets out', () => {
  test.each(Object.entries(clientErrors))('when the store fails with %s', async (_, make) => {
    const { store, trouble } = throwingStore()
    const clock = fakeClock()
    const sessions = createSessions<Data>({ store, secrets: [secret], clock, requestTimeout: 30 })
    const { cookie } = await sessions.create({ card: payload }, { subject: 'ada' })
    for (const atOnce of [false, true]) {
      trouble.atOnce = atOnce
      trouble.make = make
      expect(await failing(() => sessions.open(cookie).load())).toBe('ERR_UNAVAILABLE')
      expect(await failing(() => sessions.create({ card: payload }))).toBe('ERR_OUTCOME_UNKNOWN')
      expect(await failing(() => sessions.ready())).toBe('ERR_UNAVAILABLE')
      for (const intent of [
        (s: Session<Data>) => void (s.data.cart = [payload]),
        (s: Session<Data>) => s.destroy(),
        (s: Session<Data>) => s.regenerate(),
      ]) {
        trouble.make = undefined
        const opened = sessions.open(cookie)
        const session = await opened.load()
        trouble.make = make
        intent(session)
        expect(await failing(() => session.save())).toBe('ERR_OUTCOME_UNKNOWN')
        expect(await failing(() => opened.commit())).toBe('ERR_OUTCOME_UNKNOWN')
      }
      trouble.make = undefined
    }
    expectNothingOf(cookie)
  })

  test('when the data cannot be stored', async () => {
    const sessions = createSessions<Data>({ store: memoryStore(), secrets: [secret], maxBytes: 1000 })
    const { cookie } = await sessions.create({ card: payload })
    const cycle: Record<string, unknown> = { [payload]: payload }
    cycle[payload] = cycle
    const throwing = {
      toJSON() {
        throw new Error(payload)
      },
    }
    for (const card of [
      cycle,
      { [payload]: 1n },
      throwing,
      JSON.parse(`{"__proto__":"${payload}"}`),
      JSON.parse(`{"${payload}":{"__proto__":1}}`),
    ]) {
      const session = await sessions.open(cookie).load()
      session.data.card = card
      expect(await failing(() => session.save())).toBe('ERR_DATA')
    }
    const large = await sessions.open(cookie).load()
    large.data.card = payload.repeat(100)
    expect(await failing(() => large.save())).toBe('ERR_TOO_LARGE')
    expectNothingOf(cookie)
  })

  test('when records, codecs and schemas are broken', async () => {
    const store = memoryStore()
    const { session, cookie } = await createSessions<Data>({ store, secrets: [secret] }).create({ card: payload })
    const quoting = (): never => {
      throw new Error(payload)
    }
    const schemaOf = (validate: () => unknown) => ({ '~standard': { version: 1, vendor: 'test', validate } }) as never
    const broken: [Partial<SessionOptions<Data>>, unknown][] = [
      [{ codec: { encode: () => new Uint8Array(2), decode: (bytes) => (bytes.byteLength === 2 ? {} : quoting()) } }, 'nothing failed'],
      [{ codec: { encode: quoting, decode: quoting } }, 'ERR_DATA'],
      [{ schema: schemaOf(quoting) }, 'ERR_DATA'],
      [{ schema: schemaOf(async () => Promise.reject(new Error(payload))) }, 'ERR_DATA'],
      [{ schema: schemaOf(() => ({ issues: [{ message: `expected string, got ${payload}`, path: ['card'] }] })) }, 'ERR_DATA'],
    ]
    for (const [options, code] of broken) {
      const sessions = createSessions<Data>({ store, secrets: [secret], ...options } as SessionOptions<Data>)
      expect(await failing(() => sessions.open(cookie).load())).toBe(code)
    }
    const there = await store.get(session.id)
    const values = [payload, `1s ${payload} - x\n{}`, `1s 1 - x "${payload}\n{}`, `1a ${Date.now()} - x\n{"card":${payload}}`]
    let expected = there?.version ?? null
    for (const [i, value] of values.entries()) {
      const version = `000000000${i + 2}.damagedd`
      await store.put(session.id, { version, expiresAt: Date.now() + 60_000, value: Buffer.from(value) }, { expected })
      expected = version
      expect(
        (
          await createSessions<Data>({ store, secrets: [secret] })
            .open(cookie)
            .load()
        ).outcome,
      ).toBe('invalid')
    }
    expect([...seen].toSorted()).toEqual(['bad-record', 'commit', 'load'])
    expectNothingOf(cookie)
  })

  test('when a store answers what is no record', async () => {
    for (const answer of [
      payload,
      { value: payload },
      { version: payload, expiresAt: payload, value: Buffer.from(payload) },
      [payload],
      5,
    ]) {
      const store = { ...memoryStore(), get: async () => answer as never, put: async () => answer as never }
      const sessions = createSessions<Data>({ store, secrets: [secret] })
      const { cookie } = await createSessions<Data>({ store: memoryStore(), secrets: [secret] }).create({})
      expect((await sessions.open(cookie).load()).outcome).toBe('invalid')
      expect(await failing(() => sessions.create({ card: payload }))).toBe('ERR_RECORD')
      expectNothingOf(cookie)
    }
  })

  test('when requests conflict, come late, or meet what was ended or is gone', async () => {
    const store = memoryStore()
    const sessions = createSessions<Data>({ store, secrets: [secret], guarded: ['card'] })
    const { session, cookie } = await sessions.create({ card: payload }, { subject: 'ada' })
    const [one, other] = [sessions.open(cookie), sessions.open(cookie)]
    const [first, second] = [await one.load(), await other.load()]
    first.data.card = `${payload} 1`
    second.data.card = `${payload} 2`
    await one.commit()
    expect(await failing(() => other.commit())).toBe('ERR_CONFLICT')
    expect(await failing(() => first.update((data) => void (data.card = payload)))).toBe('ERR_COMMITTED')
    first.data.card = `${payload} late`
    one.end()

    const [slow, gone] = [await sessions.open(cookie).load(), await sessions.open(cookie).load()]
    const again = await sessions.create({})
    await sessions.open(`${cookie}; ${again.cookie}`).load()
    const ada = browser(sessions, [[name, cookie.slice(name.length + 1)]])
    await ada.visit((now) => now.destroy())
    slow.data.cart = [payload]
    expect(await failing(() => slow.save())).toBe('ERR_ENDED')
    await store.delete(session.id)
    gone.data.cart = [payload]
    expect(await failing(() => gone.save())).toBe('ERR_UNAVAILABLE')
    await sessions.open(cookie).load()

    expect([...seen].toSorted()).toEqual(['commit', 'conflict', 'duplicate-cookie', 'ended', 'late-change', 'load', 'missing', 'overlap'])
    expectNothingOf(cookie, again.cookie)
  })

  test('when a manager, a session or an open session is printed', async () => {
    const sessions = createSessions<Data>({ store: memoryStore(), secrets: [secret] })
    const { cookie } = await sessions.create({ card: payload })
    const opened = sessions.open(cookie)
    const session = await opened.load()
    for (const each of [sessions, opened, session]) {
      outside.push(inspect(each, { depth: 20, showHidden: true }), JSON.stringify(each))
    }
    expectNothingOf(cookie)
  })

  test('when an option is wrong, be it the secret itself', () => {
    const wrong = [
      { secrets: secret },
      { secrets: [payload] },
      { secrets: [secret, 5] },
      { secrets: [[secret]] },
      { secrets: [secret], onOverlap: secret },
      { secrets: [secret], idleTimeout: secret },
      { secrets: [secret], store: secret },
      { secrets: [secret], guarded: [{ secret }] },
      { secrets: [secret], cookie: secret },
      { secrets: [secret], cookie: { name: `${secret};` } },
      { secrets: [secret], cookie: { sameSite: { secret } } },
    ]
    for (const options of wrong) {
      try {
        createSessions({ store: memoryStore(), ...options } as never)
      } catch (error) {
        tell(error)
      }
    }
    expect(outside).toHaveLength(wrong.length * 3)
    for (const text of outside) expect(text).not.toMatch(new RegExp(`${secret}|${payload}`))
  })
})
