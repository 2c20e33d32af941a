import { deserialize, serialize } from 'node:v8'
import { afterEach, describe, expect, test } from 'vitest'
import type { Codec } from '../record/codec.ts'
import { encodeEnvelope } from '../record/envelope.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { browser } from '../testing/browser.ts'
import { createSessions } from './manager.ts'
import type { Session } from './session.ts'

type Data = Record<string, unknown>
const secret = 'a secret of at least thirty-two bytes'
const name = '__Host-session'

function world(codec?: Codec) {
  const store = memoryStore()
  const sessions = createSessions<Data>({ store, secrets: [secret], codec, initial: () => ({ cart: ['a'] }) } as never)
  return { store, sessions }
}

/** Two requests load the same session; the second commits after the first. Answers what is stored then. */
async function race(
  codec: Codec | undefined,
  first: (session: Session<Data>) => void,
  second: (session: Session<Data>) => void,
): Promise<Data> {
  const { sessions } = world(codec)
  const { cookie } = await sessions.create({ cart: ['a'] })
  const [one, other] = [sessions.open(cookie), sessions.open(cookie)]
  const both = [await one.load(), await other.load()] as const
  first(both[0])
  second(both[1])
  await one.commit()
  await other.commit()
  expect(Object.getPrototypeOf(both[1].data)).toBe(Object.prototype)
  return (await sessions.open(cookie).load()).data
}

const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`

describe('S26: prototypes stay clean', () => {
  const before = Object.getOwnPropertyNames(Object.prototype)
  afterEach(() => expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before))

  const bodies = ['{"__proto__":{"admin":true}}', '{"a":{"__proto__":{"admin":true}}}', '[{"__proto__":null}]']

  test.each(bodies)('a body of %s put into the data is a typed error, and the session goes on', async (body) => {
    const { sessions } = world()
    const ada = browser(sessions)
    await ada.visit((session) => void (session.data.name = 'ada'))
    const visit = ada.visit((session) => void (session.data.prefs = JSON.parse(body)))
    await expect(visit).rejects.toMatchObject({ code: 'ERR_DATA', status: 500 })
    await expect(ada.visit((session) => session.update((data) => void (data.prefs = JSON.parse(body))))).rejects.toMatchObject({
      code: 'ERR_DATA',
    })
    expect((await ada.visit(({ data }) => data)).answer).toEqual({ cart: ['a'], name: 'ada' })
  })

  test('an update that fails leaves the data as it was', async () => {
    const session = await world().sessions.open(null).load()
    expect(() => session.update((data) => Object.assign(data, { more: 1, bad: JSON.parse('{"__proto__":1}') as unknown }))).toThrow(
      '__proto__',
    )
    expect(session.data).toEqual({ cart: ['a'] })
  })

  test('keys that objects inherit are data like any other: alone, in a merge, and removed', async () => {
    const odd = {
      constructor: { prototype: { admin: true } },
      toJSON: 'x',
      hasOwnProperty: 1,
      toString: null,
      valueOf: [],
      isPrototypeOf: '',
    }
    expect(
      await race(
        undefined,
        (one) => Object.assign(one.data, odd),
        (other) => void (other.data.theme = 'dark'),
      ),
    ).toEqual({ cart: ['a'], theme: 'dark', ...odd })
    expect(
      await race(
        undefined,
        (one) => void (one.data.theme = 'dark'),
        (other) => Object.assign(other.data, odd),
      ),
    ).toEqual({ cart: ['a'], theme: 'dark', ...odd })
    expect(
      await race(
        undefined,
        (one) => void ((one.data as { constructor: unknown }).constructor = 'one'),
        (other) => void ((other.data as { constructor: unknown }).constructor = 'other'),
      ),
    ).toEqual({ cart: ['a'], constructor: 'other' })
  })

  const careless: Codec = {
    encode: (data) => Buffer.from(JSON.stringify(data)),
    decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as unknown,
  }
  const v8: Codec = { encode: (data) => serialize(data), decode: (bytes) => deserialize(bytes) as unknown }

  test.each([
    ['a careless JSON codec', careless],
    ['v8', v8],
  ])('a merge with %s follows no key named __proto__', async (_, codec) => {
    const poison = JSON.parse('{"__proto__":{"admin":true},"theme":"dark"}') as Data
    const merged = await race(
      codec,
      (one) => void (one.data = { cart: ['a'], name: 'ada' }),
      (other) => void (other.data = { ...poison, ...JSON.parse('{"__proto__":{"admin":true}}') }),
    )
    const both = await race(
      codec,
      (one) => void (one.data = JSON.parse('{"__proto__":{"admin":1}}') as Data),
      (other) => void (other.data = JSON.parse('{"__proto__":{"admin":2}}') as Data),
    )
    // It is kept, as data like any other.
    expect([Object.keys(merged).toSorted(), Object.keys(both)]).toEqual([['__proto__', 'name', 'theme'], ['__proto__']])
    for (const data of [merged, both, {}]) expect((data as { admin?: unknown }).admin).toBeUndefined()
  })

  test.each([
    '{"__proto__":{"admin":true}}',
    '{"a":[{"__proto__":1}]}',
    String.raw`{"\u005f_proto__":{"admin":true}}`,
    '[]',
    'null',
    '"x"',
    '5',
    '',
    '{',
    '\u0000',
    nested(100_000).slice(1),
  ])("a stored record with %.40s is nobody's session", async (text) => {
    const { sessions, store } = world()
    const { session, cookie } = await sessions.create({ cart: [] }, { subject: 'ada' })
    const value = encodeEnvelope({
      createdAt: Date.now(),
      subject: 'ada',
      persistentUntil: undefined,
      writes: ['x'],
      data: Buffer.from(text),
    })
    await store.put(
      session.id,
      { version: '0000000002.damagedd', expiresAt: Date.now() + 60_000, value },
      { expected: (await store.get(session.id))?.version ?? null },
    )
    expect(await sessions.open(cookie).load()).toMatchObject({ outcome: 'invalid', subject: undefined, data: { cart: ['a'] } })
  })

  test('nesting 100,000 deep, from a handler, in a merge or from the store: a typed error or a session, never a crash', async () => {
    const { sessions, store } = world()
    const outcomes = [undefined, 'ERR_DATA']
    const codeOf = async (run: () => Promise<unknown>): Promise<unknown> =>
      run().then(
        () => undefined,
        (error: unknown) => (error as { code?: unknown }).code ?? error,
      )
    const deep = (): unknown => JSON.parse(nested(100_000))
    const { session, cookie } = await sessions.create({ cart: [] })
    expect(outcomes).toContain(
      await codeOf(async () => browser(sessions, [[name, cookie.slice(name.length + 1)]]).visit((now) => void (now.data.deep = deep()))),
    )
    expect(outcomes).toContain(
      await codeOf(async () =>
        race(
          undefined,
          (one) => void (one.data.x = 1),
          (other) => void (other.data.deep = deep()),
        ),
      ),
    )
    expect(outcomes).toContain(await codeOf(async () => browser(sessions).visit((now) => now.update((data) => void (data.deep = deep())))))
    const value = encodeEnvelope({
      createdAt: Date.now(),
      subject: undefined,
      persistentUntil: undefined,
      writes: ['x'],
      data: Buffer.from(nested(100_000)),
    })
    await store.put(
      session.id,
      { version: '0000000099.deepdeep', expiresAt: Date.now() + 60_000, value },
      { expected: (await store.get(session.id))?.version ?? null },
    )
    expect(outcomes).toContain(
      await codeOf(async () => browser(sessions, [[name, cookie.slice(name.length + 1)]]).visit((now) => void (now.data.x = 1))),
    )
  })
})

describe('S25: what was cleared is saved as cleared', () => {
  const clearings: [string, (session: Session<Data>) => void, Data][] = [
    ['an empty object', (session) => void (session.data = {}), {}],
    ['each key deleted', (session) => Object.keys(session.data).forEach((key) => delete session.data[key]), {}],
    ['an update that deletes', (session) => session.update((data) => void delete data.name), { cart: ['a'] }],
    ['a list emptied', (session) => void ((session.data.cart as string[]).length = 0), { cart: [], name: 'ada' }],
    ['a key set to undefined', (session) => void (session.data.name = undefined), { cart: ['a'] }],
    ['a key set to null', (session) => void (session.data.name = null), { cart: ['a'], name: null }],
    ['an empty text', (session) => void (session.data.name = ''), { cart: ['a'], name: '' }],
  ]

  test.each(clearings)('%s', async (_, clear, left) => {
    const { sessions } = world()
    const ada = browser(sessions)
    await ada.visit((session) => void (session.data.name = 'ada'))
    await ada.visit(clear)
    expect((await ada.visit(({ data }) => data)).answer).toEqual(left)
  })

  test.each(clearings)('%s, with a new token at once', async (_, clear, left) => {
    const { sessions } = world()
    const ada = browser(sessions)
    await ada.visit((session) => void (session.data.name = 'ada'))
    await ada.visit((session) => {
      session.regenerate()
      clear(session)
    })
    expect((await ada.visit(({ data, outcome }) => ({ data, outcome }))).answer).toEqual({ data: left, outcome: 'live' })
  })

  test('what the initial data holds can be cleared in a session that is new', async () => {
    const ada = browser(world().sessions)
    await ada.visit((session) => void (session.data = {}))
    expect((await ada.visit(({ data, outcome }) => ({ data, outcome }))).answer).toEqual({ data: {}, outcome: 'live' })
  })

  test("a clearing that meets another request's change keeps both", async () => {
    expect(
      await race(
        undefined,
        (one) => void (one.data.theme = 'dark'),
        (other) => void (other.data = {}),
      ),
    ).toEqual({ theme: 'dark' })
    expect(
      await race(
        undefined,
        (one) => void (one.data = {}),
        (other) => void (other.data.theme = 'dark'),
      ),
    ).toEqual({ theme: 'dark' })
    expect(
      await race(
        undefined,
        (one) => void (one.data = {}),
        (other) => void (other.data = {}),
      ),
    ).toEqual({})
  })
})
