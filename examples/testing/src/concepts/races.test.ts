import { onSessionEvent, type ManagerOptions, type Session } from '@holdfast/core'
import { expect, test } from 'vitest'
import { cookieOf, newSessions, setCookies, type Data } from './new-sessions.ts'

/** Two requests that have loaded the same session. */
async function twoRequests(options: Partial<ManagerOptions> = {}) {
  const world = newSessions(options)
  const { cookie } = await world.sessions.create({ cart: [], visits: 0, user: { name: 'Ada', rights: [] } })
  const [openedA, openedB] = [world.sessions.open(cookie), world.sessions.open(cookie)] as const
  const [a, b]: Session<Data>[] = [await openedA.load(), await openedB.load()]
  const stored = async (): Promise<Data> => (await world.sessions.open(cookie).load()).data
  return { ...world, cookie, openedA, openedB, a: a!, b: b!, stored }
}

test('different keys: both survive', async () => {
  const { openedA, openedB, a, b, stored } = await twoRequests()
  // #region different-keys
  a.data.cart.push('tea')
  b.data.theme = 'dark'
  await openedA.commit()
  await openedB.commit()
  expect(await stored()).toMatchObject({ cart: ['tea'], theme: 'dark' })
  // #endregion different-keys
})

test('the same key: the later wins, and an event says so', async () => {
  const { openedA, openedB, a, b, stored } = await twoRequests()
  // #region last-wins
  const overlaps: string[] = []
  const stop = onSessionEvent('overlap', ({ key, resolution }) => overlaps.push(`${key}: ${resolution}`))

  a.data.cart.push('tea')
  b.data.cart.push('milk')
  await openedA.commit()
  await openedB.commit()
  expect((await stored()).cart).toEqual(['milk'])
  expect(overlaps).toEqual(['cart: last-wins'])
  // #endregion last-wins
  stop()
})

test("onOverlap: 'fail': the later fails, and nothing of it is saved", async () => {
  const { openedA, openedB, a, b, stored } = await twoRequests({ onOverlap: 'fail' })
  // #region fail
  a.data.cart.push('tea')
  b.data.cart.push('milk')
  await openedA.commit()
  await expect(openedB.commit()).rejects.toMatchObject({ code: 'ERR_CONFLICT', status: 409 })
  expect((await stored()).cart).toEqual(['tea'])
  // #endregion fail
})

test('guarded keys fail, others go by onOverlap', async () => {
  // #region guarded
  const { openedA, openedB, a, b, stored } = await twoRequests({ guarded: ['user'] })
  a.data.user!.name = 'Ada King'
  b.data.user!.rights.push('admin')
  await openedA.commit()
  await expect(openedB.commit()).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
  expect((await stored()).user).toEqual({ name: 'Ada King', rights: [] })
  // #endregion guarded
})

test('update: exact', async () => {
  const { openedA, openedB, a, b, stored } = await twoRequests()
  // #region update
  a.update((data) => void data.cart.push('tea'))
  b.update((data) => void data.cart.push('milk'))
  await openedA.commit()
  await openedB.commit()
  expect((await stored()).cart).toEqual(['tea', 'milk'])
  // #endregion update
})

test('a slow request against a sign-out: nothing comes back', async () => {
  const { sessions, cookie, openedA, openedB, a, b } = await twoRequests()
  // #region sign-out
  a.data.cart.push('tea')
  b.destroy()
  await openedB.commit()

  expect(setCookies(await openedA.commit())).toEqual([])
  expect((await sessions.open(cookie).load()).outcome).toBe('ended')
  // #endregion sign-out
})

test('a slow request that asks is told', async () => {
  const { openedB, a, b } = await twoRequests()
  b.destroy()
  await openedB.commit()
  // #region ended
  a.data.cart.push('tea')
  await expect(a.save()).rejects.toMatchObject({ code: 'ERR_ENDED', status: 401 })
  // #endregion ended
})

test('a late tab against a sign-in: the sign-in stands', async () => {
  const { sessions, openedA, openedB, a, b } = await twoRequests()
  // #region sign-in
  a.data.cart.push('tea')
  b.regenerate({ subject: 'ada' })
  const signedIn = cookieOf(await openedB.commit())

  // The late answer brings no cookie, so the browser keeps the one of the sign-in.
  expect(setCookies(await openedA.commit())).toEqual([])
  expect(await sessions.open(signedIn).load()).toMatchObject({ outcome: 'live', subject: 'ada' })
  // #endregion sign-in
})

test('an unknown outcome is settled by the identical put', async () => {
  const { sessions, store, cookie } = await twoRequests()
  // #region unknown
  let puts = 0
  // The first write is applied, and its answer is lost.
  store.fault = ({ method }) => (method === 'put' && puts++ === 0 ? 'swallow' : undefined)

  const opened = sessions.open(cookie)
  ;(await opened.load()).update((data) => void (data.visits += 1))
  await opened.commit()

  expect(puts).toBe(2)
  expect((await sessions.open(cookie).load()).data.visits).toBe(1)
  // #endregion unknown
})

// What is not promised, so that it is known.

test('two places under one top-level key are the same key', async () => {
  const { openedA, openedB, a, b, stored } = await twoRequests()
  // #region nested
  a.data.user!.rights.push('reader')
  b.data.user!.name = 'Ada King'
  await openedA.commit()
  await openedB.commit()
  expect((await stored()).user).toEqual({ name: 'Ada King', rights: [] })
  // #endregion nested
})

test('a request that loaded earlier does not see what was stored since', async () => {
  const { openedA, a, b } = await twoRequests()
  a.data.theme = 'dark'
  await openedA.commit()
  expect(b.data.theme).toBeUndefined()
})

test('a change after an end that is a minute old starts a session of its own', async () => {
  const { sessions, clock, cookie, openedB, b } = await twoRequests()
  b.destroy()
  await openedB.commit()
  clock.advance(60_000)
  const later = sessions.open(cookie)
  ;(await later.load()).data.cart.push('tea')
  expect(setCookies(await later.commit())).toHaveLength(1)
})
