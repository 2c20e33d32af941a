import { beforeEach, describe, expect, test } from 'vitest'
import { sessionError, type SessionErrorCode } from '../errors.ts'
import { isEnded, type Durability, type SessionStore } from '../record/store.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { browser, type Browser } from '../testing/browser.ts'
import { createSessions, type SessionManager } from './manager.ts'
import type { ManagerOptions } from './options.ts'
import type { Session } from './session.ts'
import type { UnitOfWork } from './unit-of-work.ts'

interface Data {
  count: number
}

const behind = memoryStore()
/** What reached the store: `'live'` or `'ended'`, and the durability that was asked for; `'touch'` for a renewal. */
let asked: (readonly ['live' | 'ended', Durability | undefined] | 'touch')[]
/** What the next puts come to, instead of an answer: this error, and whether the put was applied all the same. Undefined: an answer. */
let troubles: (readonly [SessionErrorCode, 'applied' | 'not applied'] | undefined)[]
let touchFails: SessionErrorCode | undefined

const store: SessionStore = {
  ...behind,
  async put(key, record, { durability, expected }) {
    asked.push([isEnded(record) ? 'ended' : 'live', durability])
    const [code, effect] = troubles.shift() ?? []
    const result = effect === 'not applied' ? undefined : await behind.put(key, record, { expected })
    // As a store that compares first: what is not stored needs no replica.
    if (code === undefined || (result?.stored === false && code === 'ERR_NOT_DURABLE')) return result as NonNullable<typeof result>
    throw sessionError(code, 'As the test says.')
  },
  async touch(key, expiresAt) {
    asked.push('touch')
    if (touchFails !== undefined) throw sessionError(touchFails, 'As the test says.')
    return behind.touch(key, expiresAt)
  },
}

function manager(options: Partial<ManagerOptions> = {}): SessionManager<Data> {
  return createSessions<Data>({ store, secrets: ['x'.repeat(32)], initial: () => ({ count: 0 }), ...options })
}
const sessions = manager()
const two = { replicas: 2, withinTimeout: 300 }

beforeEach(() => {
  asked = []
  troubles = []
  touchFails = undefined
})

const change = (session: Session<Data>): void => void (session.data.count += 1)
const increment = (session: Session<Data>): void => session.update((data) => void (data.count += 1))
const signIn = (session: Session<Data>): void => session.regenerate({ subject: 'u1' })
/** And nothing is stored of the visitor who goes on. */
const leave = (session: Session<Data>): void => {
  ;(session as UnitOfWork<Data>).leave()
  session.data.count = 0
}

/** A browser with a session of its own, and nothing asked so far. */
async function visitor(of: SessionManager<Data> = sessions): Promise<Browser<Data>> {
  const ada = browser(of)
  await ada.visit(change)
  asked = []
  return ada
}

type Work = (session: Session<Data>) => void
type Kinds = ('live' | 'ended')[]
const writes: [what: string, from: 'nothing' | 'a session', work: Work, kinds: Kinds, byDefault: 'replicated' | undefined][] = [
  ['a plain change', 'a session', change, ['live'], undefined],
  ['an update', 'a session', increment, ['live'], undefined],
  ['the first record of a visitor', 'nothing', change, ['live'], undefined],
  ['the sign-in of a new visitor', 'nothing', signIn, ['live'], 'replicated'],
  ['a sign-in over an older session', 'a session', signIn, ['live', 'ended'], 'replicated'],
  ['a new token', 'a session', (session) => session.regenerate(), ['live', 'ended'], 'replicated'],
  ['a sign-out', 'a session', (session) => session.destroy(), ['ended'], 'replicated'],
  ['leave()', 'a session', leave, ['ended'], 'replicated'],
]

describe.each(writes)('%s (from %s)', (_, from, work, kinds, byDefault) => {
  const begin = (of: SessionManager<Data>) => (from === 'nothing' ? browser(of) : visitor(of))
  const all = (durability: Durability | undefined) => kinds.map((kind) => [kind, durability])

  test(`asks for ${byDefault ?? 'nothing'} by default`, async () => {
    await (await begin(sessions)).visit(work)
    expect(asked).toEqual(all(byDefault))
  })

  test.each(['primary', 'replicated', two] as const)('asks for what the manager says: %o', async (durability) => {
    const given = manager({ durability })
    await (await begin(given)).visit(work)
    expect(asked).toEqual(all(durability))
  })

  test.each(['primary', 'replicated', two] as const)('asks for what its save() says: %o', async (durability) => {
    const given = manager({ durability: { replicas: 1, withinTimeout: 50 } })
    await (
      await begin(given)
    ).visit(async (session) => {
      work(session)
      await session.save({ durability })
    })
    expect(asked).toEqual(all(durability))
  })
})

test('what is changed after a save() with a durability is saved as usual', async () => {
  const ada = await visitor()
  await ada.visit(async (session) => {
    change(session)
    await session.save({ durability: two })
    change(session)
  })
  expect(asked).toEqual([
    ['live', two],
    ['live', undefined],
  ])
})

test('saves that nobody awaits keep each their own', async () => {
  const ada = await visitor()
  await ada.visit((session) => {
    change(session)
    void session.save({ durability: two })
    change(session)
    void session.save({ durability: 'primary' })
  })
  expect(asked).toEqual([
    ['live', two],
    ['live', 'primary'],
  ])
})

test('what changes while a new token is on its way is a plain change', async () => {
  const ada = await visitor()
  await ada.visit((session) => {
    signIn(session)
    const saving = session.save()
    change(session)
    return saving
  })
  expect(asked).toEqual([
    ['live', 'replicated'],
    ['ended', 'replicated'],
    ['live', undefined],
  ])
})

test('a session that create() makes is as safe as a sign-in', async () => {
  await sessions.create({ count: 1 }, { subject: 'u1' })
  expect(asked).toEqual([['live', 'replicated']])
})

describe('a renewal', () => {
  const everyTime = manager({ strict: true, durability: two })
  const later = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))

  test('asks for no durability, and is refused without harm', async () => {
    const ada = await visitor(everyTime)
    for (const code of [undefined, 'ERR_REFUSED', 'ERR_NOT_DURABLE'] as const) {
      touchFails = code
      await later()
      expect((await ada.visit((session) => session.data.count)).answer).toBe(1)
    }
    expect(asked).toEqual(['touch', 'touch', 'touch'])
  })
})

describe('so many replicas', () => {
  test('have their time on top of the store’s', async () => {
    const slow: SessionStore = {
      ...behind,
      async put(key, record, { expected, durability }) {
        if (typeof durability === 'object') await new Promise((resolve) => setTimeout(resolve, 150))
        return behind.put(key, record, { expected })
      },
    }
    const given = manager({ store: slow, operationTimeout: 20, durability: { replicas: 1, withinTimeout: 10_000 } })
    expect((await given.create({ count: 3 })).session.data.count).toBe(3)
  })

  test('and no longer: then nobody knows what became of it', async () => {
    const hung: SessionStore = { ...behind, put: () => new Promise(() => {}) }
    const given = manager({ store: hung, operationTimeout: 20, requestTimeout: 60, durability: { replicas: 1, withinTimeout: 30 } })
    await expect(given.create({ count: 3 })).rejects.toMatchObject({
      code: 'ERR_OUTCOME_UNKNOWN',
      cause: { message: 'The session store did not answer within 50 ms (operationTimeout, withinTimeout).' },
    })
  })
})

describe('a store that refuses changes (ERR_REFUSED)', () => {
  test('is asked once, and the session stays as it was', async () => {
    const ada = await visitor()
    troubles = [['ERR_REFUSED', 'not applied']]
    await expect(ada.visit(change)).rejects.toMatchObject({ code: 'ERR_REFUSED', status: 503, headers: { 'Retry-After': '1' } })
    expect(asked).toHaveLength(1)
    expect((await ada.visit((session) => session.data.count)).answer).toBe(1)
  })

  test('fails a sign-out, which leaves the session and its cookie; the next one ends it', async () => {
    const ada = await visitor()
    const { cookie } = ada
    troubles = [['ERR_REFUSED', 'not applied']]
    await expect(ada.visit((session) => session.destroy())).rejects.toMatchObject({ code: 'ERR_REFUSED' })
    expect(ada.cookie).toBe(cookie)
    expect((await ada.visit((session) => session.outcome)).answer).toBe('live')
    await ada.visit((session) => session.destroy())
    expect((await sessions.open(cookie).load()).outcome).toBe('ended')
  })

  test('fails a sign-in, which leaves the older session', async () => {
    const ada = await visitor()
    troubles = [['ERR_REFUSED', 'not applied']]
    await expect(ada.visit(signIn)).rejects.toMatchObject({ code: 'ERR_REFUSED' })
    expect((await ada.visit(({ outcome, subject }) => [outcome, subject])).answer).toEqual(['live', undefined])
  })

  test('after a try that may have been applied: nobody knows, and the next commit finds out', async () => {
    for (const effect of ['applied', 'not applied'] as const) {
      const ada = await visitor()
      const { answer } = await ada.visit(async (session) => {
        increment(session)
        troubles = [
          ['ERR_OUTCOME_UNKNOWN', effect],
          ['ERR_REFUSED', 'not applied'],
        ]
        await expect(session.save()).rejects.toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN', cause: { code: 'ERR_REFUSED' } })
        troubles = [['ERR_REFUSED', 'not applied']]
        await expect(session.save()).rejects.toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
        await session.save()
        return session.data.count
      })
      expect(answer).toBe(2)
    }
  })
})

describe('too few replicas (ERR_NOT_DURABLE)', () => {
  test.each(writes)('%s (from %s): nothing is tried again; a save() that asks for less settles it', async (_, from, work, kinds) => {
    for (const index of kinds.keys()) {
      const ada = from === 'nothing' ? browser(sessions) : await visitor()
      asked = []
      await ada.visit(async (session) => {
        work(session)
        troubles = [...Array.from({ length: index }, () => undefined), ['ERR_NOT_DURABLE', 'applied']]
        await expect(session.save({ durability: two })).rejects.toMatchObject({ code: 'ERR_NOT_DURABLE', status: 503 })
        await session.save({ durability: 'primary' })
      })
      expect(asked).toEqual([...kinds.slice(0, index + 1).map((kind) => [kind, two]), ...kinds.map((kind) => [kind, 'primary'])])
    }
  })

  test('an update that stands at the primary is not run again, also when another request has changed the session since', async () => {
    const ada = await visitor()
    await ada.visit(async (session) => {
      increment(session)
      troubles = [['ERR_NOT_DURABLE', 'applied']]
      await expect(session.save({ durability: two })).rejects.toMatchObject({ code: 'ERR_NOT_DURABLE' })
      await browser(sessions, ada.jar).visit(increment)
      await expect(session.save({ durability: two })).rejects.toMatchObject({ code: 'ERR_NOT_DURABLE' })
      await session.save({ durability: 'primary' })
      increment(session)
    })
    expect((await ada.visit((session) => session.data.count)).answer).toBe(4)
  })

  test('the answer’s commit settles it too', async () => {
    const ada = await visitor()
    await ada.visit(async (session) => {
      increment(session)
      troubles = [['ERR_NOT_DURABLE', 'applied']]
      await session.save({ durability: two }).catch(() => {})
    })
    expect((await ada.visit((session) => session.data.count)).answer).toBe(2)
    expect(asked).toEqual([
      ['live', two],
      ['live', undefined],
    ])
  })

  test("'replicated' is tried until requestTimeout: by then a replica that hangs is none that is waited for", async () => {
    const ada = await visitor()
    await ada.visit(async (session) => {
      session.destroy()
      troubles = [
        ['ERR_NOT_DURABLE', 'applied'],
        ['ERR_NOT_DURABLE', 'applied'],
      ]
      await session.save()
    })
    expect(asked).toEqual([1, 2, 3].map(() => ['ended', 'replicated']))

    const bob = browser(manager({ requestTimeout: 50 }))
    await expect(
      bob.visit(async (session) => {
        session.regenerate({ subject: 'bob' })
        troubles = Array.from({ length: 1_000 }, () => ['ERR_NOT_DURABLE', 'applied'])
        await session.save()
      }),
    ).rejects.toMatchObject({ code: 'ERR_NOT_DURABLE' })
  })

  test('a sign-out that no replica has is not one that the next save() takes for done', async () => {
    const ada = await visitor()
    await ada.visit(async (session) => {
      session.destroy()
      for (const _ of [1, 2]) {
        troubles = [['ERR_NOT_DURABLE', 'applied']]
        await expect(session.save({ durability: two })).rejects.toMatchObject({ code: 'ERR_NOT_DURABLE' })
      }
      await session.save({ durability: two })
    })
    expect(asked).toEqual([
      ['ended', two],
      ['ended', two],
      ['ended', two],
    ])
  })

  test('a memoryStore has none to give, and takes the change without', async () => {
    const given = manager({ store: memoryStore() })
    const { session } = await given.create({ count: 1 })
    increment(session)
    await expect(session.save({ durability: two })).rejects.toMatchObject({ code: 'ERR_NOT_DURABLE' })
    await session.save({ durability: 'replicated' })
    expect(session.data.count).toBe(2)
  })
})
