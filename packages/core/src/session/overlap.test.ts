import { describe, expect, test } from 'vitest'
import { onSessionEvent, type SessionEvents } from '../events.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { createSessions } from './manager.ts'
import type { ManagerOptions } from './options.ts'
import type { Session } from './session.ts'

interface Data {
  cart: string[]
  theme?: string | undefined
  user?: { name: string; rights: string[] }
}
type Change = (session: Session<Data>) => void

/** Two requests that load the same session; the first commits, then the second. What the session holds then. */
async function twoRequests(first: Change, second: Change, options: Partial<ManagerOptions> = {}): Promise<Data> {
  const sessions = createSessions<Data>({ store: memoryStore(), secrets: ['x'.repeat(32)], initial: () => ({ cart: [] }), ...options })
  const { cookie } = await sessions.create({ cart: ['a'], user: { name: 'Ada', rights: [] } })
  const opened = [sessions.open(cookie), sessions.open(cookie)] as const
  const [one, other] = [await opened[0].load(), await opened[1].load()]
  first(one)
  second(other)
  await opened[0].commit()
  await opened[1].commit()
  const { data } = await sessions.open(cookie).load()
  expect(other.data).toEqual(data)
  return data
}

describe('two requests change the session at once', () => {
  test('different top-level keys: both survive', async () => {
    const data = await twoRequests(
      (s) => void (s.data.theme = 'dark'),
      (s) => void s.data.cart.push('b'),
    )
    expect(data).toMatchObject({ theme: 'dark', cart: ['a', 'b'] })
  })

  test('one removes a key that the other left alone', async () => {
    const data = await twoRequests(
      (s) => void delete s.data.user,
      (s) => void s.data.cart.push('b'),
    )
    expect(data).toEqual({ cart: ['a', 'b'] })
  })

  test('data that is frozen, as immer gives it back, is merged too', async () => {
    const data = await twoRequests(
      (s) => void (s.data.theme = 'dark'),
      (s) => void (s.data = Object.freeze({ ...s.data, cart: ['b'] })),
    )
    expect(data).toMatchObject({ theme: 'dark', cart: ['b'] })
  })

  test('up to maxBytes', async () => {
    const sessions = createSessions<{ a: string }>({
      store: memoryStore(),
      secrets: ['x'.repeat(32)],
      initial: () => ({ a: '' }),
      maxBytes: 40,
    })
    const { cookie } = await sessions.create({ a: '' })
    const opened = [sessions.open(cookie), sessions.open(cookie)] as const
    for (const [index, each] of opened.entries()) (await each.load()).data.a = String(index).repeat(32)
    for (const each of opened) await each.commit()
    expect((await sessions.open(cookie).load()).data.a).toBe('1'.repeat(32))
  })

  test('update() inside update() is refused: a second run would do it twice', async () => {
    await expect(
      twoRequests(
        () => {},
        (s) => s.update(() => s.update((data) => void data.cart.push('b'))),
      ),
    ).rejects.toMatchObject({ code: 'ERR_OPTION' })
  })

  test('the same key: the later wins, and an event names it', async () => {
    const overlaps: SessionEvents['overlap'][] = []
    const stop = onSessionEvent('overlap', (event) => overlaps.push(event))
    const data = await twoRequests(
      (s) => void s.data.cart.push('b'),
      (s) => void s.data.cart.push('c'),
    )
    stop()
    expect(data.cart).toEqual(['a', 'c'])
    expect(overlaps).toEqual([{ id: expect.any(String), key: 'cart', resolution: 'last-wins' }])
  })

  test('the same key to the same value is no overlap', async () => {
    const same: Change = (s) => void (s.data.theme = 'dark')
    expect((await twoRequests(same, same, { onOverlap: 'fail' })).theme).toBe('dark')
  })

  test('the same key by update: exact', async () => {
    const data = await twoRequests(
      (s) => s.update((d) => void d.cart.push('b')),
      (s) => s.update((d) => void d.cart.push('c')),
    )
    expect(data.cart).toEqual(['a', 'b', 'c'])
  })

  test('plain changes before and after an update keep their order', async () => {
    const data = await twoRequests(
      (s) => s.update((d) => void d.cart.push('b')),
      (s) => {
        s.data.theme = 'first'
        s.update((d) => void d.cart.push(`by ${d.theme}`))
        s.data.theme = 'last'
      },
    )
    expect(data).toMatchObject({ cart: ['a', 'b', 'by first'], theme: 'last' })
  })

  test("onOverlap: 'fail' is ERR_CONFLICT, 409, and nothing of it is saved", async () => {
    const run = twoRequests(
      (s) => void s.data.cart.push('b'),
      (s) => void s.data.cart.push('c'),
      { onOverlap: 'fail' },
    )
    await expect(run).rejects.toMatchObject({ code: 'ERR_CONFLICT', status: 409, message: expect.stringContaining('"cart"') })
  })

  test('a guarded key always fails, also by update', async () => {
    const rename: Change = (s) => void (s.data.user!.name = 'Grace')
    const grant: Change = (s) => s.update((d) => void d.user!.rights.push('admin'))
    await expect(twoRequests(rename, grant, { guarded: ['user'] })).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
    await expect(twoRequests(grant, rename, { guarded: ['user'] })).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
  })

  test('a guarded key that only one of them changed is fine', async () => {
    const data = await twoRequests(
      (s) => void (s.data.user!.name = 'Grace'),
      (s) => void s.data.cart.push('b'),
      { guarded: ['user'] },
    )
    expect(data).toMatchObject({ user: { name: 'Grace' }, cart: ['a', 'b'] })
  })

  test('a regenerate takes along what the other stored meanwhile', async () => {
    const sessions = createSessions<Data>({ store: memoryStore(), secrets: ['x'.repeat(32)], initial: () => ({ cart: [] }) })
    const { cookie } = await sessions.create({ cart: [] })
    const rotation = sessions.open(cookie)
    const session = await rotation.load()
    const other = sessions.open(cookie)
    ;(await other.load()).data.cart.push('b')
    await other.commit()
    session.data.theme = 'dark'
    session.regenerate({ subject: 'u1' })
    await rotation.commit()
    expect([session.data, session.subject]).toEqual([{ cart: ['b'], theme: 'dark' }, 'u1'])
  })

  test('the data object that a handler holds stays the same object', async () => {
    let held: Data | undefined
    const data = await twoRequests(
      (s) => void (s.data.theme = 'dark'),
      (s) => (held = s.data).cart.push('b'),
    )
    expect(held).toEqual(data)
  })
})
