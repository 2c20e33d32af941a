import { describe, expect, test } from 'vitest'
import { faultyStore, type Fault } from '../testing/faulty-store.ts'
import { deferred } from '../testing/deferred.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import type { SetHeaders } from './apply-headers.ts'
import { createSessions } from './manager.ts'
import type { Session } from './session.ts'
import type { UnitOfWork } from './unit-of-work.ts'

interface Data {
  count: number
  user?: string
  note?: string
}

type Work = (session: Session<Data>) => void

const store = faultyStore(memoryStore())
const sessions = createSessions<Data>({
  store,
  secrets: ['x'.repeat(32)],
  initial: () => ({ count: 0 }),
  operationTimeout: 30,
  requestTimeout: 60,
})
const lookAt = (cookie: string): Promise<Session<Data>> => sessions.open(cookie).load()

const leave: Work = (session) => (session as UnitOfWork<Data>).leave()

/** The Cookie header of a browser that had this one and got this answer. */
function cookieAfter(answer: SetHeaders, cookie: string): string {
  const line = answer.find(([name]) => name === 'Set-Cookie')?.[1]
  return line === undefined ? cookie : (line.split(';', 1)[0] as string)
}

/** A save() of `first` that fails, its puts meeting these faults (the last one all that follow); then `second`, and the answer. */
async function afterFailedSave(
  cookie: string,
  first: Work,
  faults: [Fault, ...Fault[]],
  second: (session: Session<Data>) => unknown,
): Promise<Session<Data>> {
  const opened = sessions.open(cookie)
  const session = await opened.load()
  first(session)
  let puts = 0
  store.fault = ({ method }) => (method === 'put' ? faults[Math.min(puts++, faults.length - 1)] : undefined)
  await expect(session.save()).rejects.toMatchObject({ status: 503 })
  store.fault = undefined
  await second(session)
  return lookAt(cookieAfter(await opened.commit(), cookie))
}

/** `second` comes while a save() that nobody awaits waits for the store; then the answer. */
async function duringSave(cookie: string, first: Work, second: (session: Session<Data>) => void): Promise<string> {
  const opened = sessions.open(cookie)
  const session = await opened.load()
  first(session)
  const asked = deferred<undefined>()
  const goOn = deferred<undefined>()
  store.fault = async ({ method }) => {
    if (method !== 'put') return undefined
    asked.resolve(undefined)
    return goOn.promise
  }
  const saving = session.save()
  await asked.promise
  second(session)
  goOn.resolve(undefined)
  store.fault = undefined
  const answer = await opened.commit()
  await saving
  return cookieAfter(answer, cookie)
}

const change: Work = (session) => {
  session.data.note = 'changed'
}
const increment: Work = (session) => {
  session.update((data) => void (data.count += 1))
}
const rotate: Work = (session) => {
  session.regenerate()
}
const signIn: Work = (session) => {
  session.data.user = 'u1'
  session.regenerate({ subject: 'u1' })
}

async function newSession(): Promise<string> {
  const { cookie } = await sessions.create({ count: 0 })
  return cookie
}

describe('while a save() is under way', () => {
  test('destroy() is not lost', async () => {
    const cookie = await newSession()
    expect(await duringSave(cookie, change, (session) => session.destroy())).toBe('__Host-session=')
    expect((await lookAt(cookie)).outcome).toBe('ended')
  })

  test('regenerate() is not lost', async () => {
    const cookie = await newSession()
    expect(await lookAt(await duringSave(cookie, change, signIn))).toMatchObject({ subject: 'u1', data: { user: 'u1', note: 'changed' } })
    expect((await lookAt(cookie)).outcome).toBe('ended')
  })

  test('S2: a sign-in that comes during a conflict is not stored under the token that the browser had before', async () => {
    const cookie = await newSession()
    const opened = sessions.open(cookie)
    const session = await opened.load()
    const other = sessions.open(cookie)
    increment(await other.load())
    await other.commit()
    change(session)
    const asked = deferred<undefined>()
    store.fault = ({ method }) => (method === 'put' ? void asked.resolve(undefined) : undefined)
    const saving = session.save()
    await asked.promise
    signIn(session)
    await saving
    store.fault = undefined
    const after = cookieAfter(await opened.commit(), cookie)
    expect(after).not.toBe(cookie)
    expect((await lookAt(cookie)).outcome).toBe('ended')
    expect(await lookAt(after)).toMatchObject({ subject: 'u1', data: { count: 1, user: 'u1' } })
  })

  test('a regenerate() that is dropped leaves no session behind', async () => {
    const cookie = await newSession()
    expect(await duringSave(cookie, signIn, (session) => session.discard())).toBe(cookie)
    expect(await lookAt(cookie)).toMatchObject({ outcome: 'live', subject: undefined, data: { count: 0 } })
  })

  test('a destroy() that is dropped when it is on its way has ended the session all the same', async () => {
    const cookie = await newSession()
    expect(
      await duringSave(
        cookie,
        (session) => session.destroy(),
        (session) => session.discard(),
      ),
    ).toBe('__Host-session=')
    expect((await lookAt(cookie)).outcome).toBe('ended')
  })

  test.each([
    ['a change', change],
    ['a regenerate', (session: Session<Data>) => session.regenerate()],
    ['a sign-in', signIn],
  ])('leave() ends what %s has made of it, and the data goes on as nobody’s', async (_, first) => {
    const cookie = await newSession()
    const after = await duringSave(cookie, first, (session) => {
      leave(session)
      session.data = { count: 7 }
    })
    expect((await lookAt(cookie)).outcome).toBe('ended')
    expect(await lookAt(after)).toMatchObject({ outcome: 'live', subject: undefined, data: { count: 7 } })
  })

  test('leave() that comes during a destroy() changes nothing', async () => {
    const cookie = await newSession()
    expect(await duringSave(cookie, (session) => session.destroy(), leave)).toBe('__Host-session=')
  })

  test('a first change that is dropped sets no cookie, and one that comes after it is saved', async () => {
    expect(await duringSave('', change, (session) => session.discard())).toBe('')
    const after = await duringSave('', signIn, (session) => {
      session.discard()
      increment(session)
    })
    expect(await lookAt(after)).toMatchObject({ subject: undefined, data: { count: 1 } })
  })
})

describe('after a save() that failed', () => {
  test.each(['fail', 'hang', 'swallow'] as const)(
    'of leave() (%s): the answer ends the session, and brings nothing back',
    async (fault) => {
      const cookie = await newSession()
      const session = await afterFailedSave(cookie, leave, [fault, 'hang'], () => {})
      expect(session.subject).toBeUndefined()
      expect((await lookAt(cookie)).outcome).toBe('ended')
    },
  )

  const cases: [what: string, cookie: () => Promise<string>, first: Work][] = [
    ['a first record', async () => '', increment],
    ['a change', newSession, increment],
    ['a regenerate', newSession, rotate],
    ['a sign-in', newSession, (session) => session.regenerate({ subject: 'u0' })],
  ]

  test.each(cases)('of %s: what is changed next is saved with the answer', async (_what, cookie, first) => {
    for (const fault of ['fail', 'hang', 'swallow'] as const) {
      const session = await afterFailedSave(await cookie(), first, [fault, 'hang'], change)
      expect(session).toMatchObject({ outcome: 'live', data: { note: 'changed', count: first === increment ? 1 : 0 } })
    }
  })

  test.each(cases)('of %s: a sign-in is saved with the answer, and what came before it runs once', async (_what, cookie, first) => {
    for (const fault of ['fail', 'hang', 'swallow'] as const) {
      const session = await afterFailedSave(await cookie(), first, [fault, 'hang'], signIn)
      expect(session).toMatchObject({ outcome: 'live', subject: 'u1', data: { user: 'u1', count: first === increment ? 1 : 0 } })
    }
  })

  test('of a regenerate: discard() drops that too, and the next regenerate() takes what was saved since', async () => {
    const session = await afterFailedSave(
      await newSession(),
      (s) => s.regenerate(),
      [undefined, 'hang'],
      async (s) => {
        s.discard()
        increment(s)
        await s.save()
        s.regenerate()
      },
    )
    expect(session.data.count).toBe(1)
  })

  test('of a sign-in that was stored all the same: discard() does not sign the next change in', async () => {
    const session = await afterFailedSave('', signIn, ['swallow', 'hang'], (s) => {
      s.discard()
      change(s)
    })
    expect(session).toMatchObject({ outcome: 'live', subject: undefined, data: { count: 0, note: 'changed' } })
  })

  test('that waited for all of requestTimeout: a sign-out still goes on from a newer record', async () => {
    const cookie = await newSession()
    const session = await afterFailedSave(cookie, change, ['swallow', 'hang'], async (s) => {
      const other = sessions.open(cookie)
      increment(await other.load())
      await other.commit()
      s.destroy()
    })
    expect(session.outcome).toBe('invalid')
    expect((await lookAt(cookie)).outcome).toBe('ended')
  })

  test('with ERR_ENDED: regenerate() says that it is too late', async () => {
    const cookie = await newSession()
    const session = await lookAt(cookie)
    const other = sessions.open(cookie)
    ;(await other.load()).destroy()
    await other.commit()
    change(session)
    await expect(session.save()).rejects.toMatchObject({ code: 'ERR_ENDED' })
    expect(() => session.regenerate({ subject: 'u1' })).toThrow(expect.objectContaining({ code: 'ERR_ENDED' }))
  })
})
