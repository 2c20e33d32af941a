import { expect, test } from 'vitest'
import { cookieOf, newSessions, setCookies } from './new-sessions.ts'

test('intents and changes are one write', async () => {
  const { sessions, store } = newSessions()
  const { cookie } = await sessions.create({ cart: [], visits: 0 })
  const opened = sessions.open(cookie)
  store.calls.length = 0
  // #region one-write
  const session = await opened.load()
  session.data.theme = 'dark'
  session.data.cart.push('tea')
  session.update((data) => void (data.visits += 1))

  await opened.commit()
  expect(store.calls.map(({ method }) => method)).toEqual(['get', 'put'])
  // #endregion one-write
})

test('a page that only reads writes nothing', async () => {
  const { sessions, store } = newSessions()
  const { cookie } = await sessions.create({ cart: [], visits: 0 })
  store.calls.length = 0
  // #region nothing-for-nothing
  await sessions.open(cookie).commit()
  expect(store.calls).toEqual([])

  const opened = sessions.open(cookie)
  expect((await opened.load()).data.cart).toEqual([])
  const headers = await opened.commit()
  expect(store.calls.map(({ method }) => method)).toEqual(['get'])
  expect(headers).toEqual([['Vary', 'Cookie']])
  // #endregion nothing-for-nothing
})

test('discard drops what is pending', async () => {
  const { sessions } = newSessions()
  const { cookie } = await sessions.create({ cart: [], visits: 0 })
  const opened = sessions.open(cookie)
  const session = await opened.load()
  // #region discard
  session.data.cart.push('tea')
  session.destroy()
  session.discard()
  expect(session.data.cart).toEqual([])
  // #endregion discard
  await opened.commit()
  expect((await sessions.open(cookie).load()).outcome).toBe('live')
})

test('save commits at once', async () => {
  const { sessions } = newSessions()
  const { cookie } = await sessions.create({ cart: [], visits: 0 })
  const opened = sessions.open(cookie)
  // #region save
  const session = await opened.load()
  session.update((data) => void (data.visits += 1))
  await session.save()
  const place = session.data.visits
  // #endregion save
  expect(place).toBe(1)
})

test('destroy ends the session and clears the cookie', async () => {
  const { sessions } = newSessions()
  const { cookie } = await sessions.create({ cart: [], visits: 0 })
  const opened = sessions.open(cookie)
  // #region sign-out
  const session = await opened.load()
  session.destroy()
  // #endregion sign-out
  expect(setCookies(await opened.commit())[0]).toMatch(/^__Host-session=; .*Max-Age=0/)
  expect((await sessions.open(cookie).load()).outcome).toBe('ended')
})

test('the path of a request, by hand', async () => {
  const { sessions } = newSessions()
  const cookieHeader = null
  // #region path
  const opened = sessions.open(cookieHeader)
  const session = await opened.load()
  session.data.cart.push('tea')
  const headers = await opened.commit()
  // #endregion path
  expect((await sessions.open(cookieOf(headers)).load()).data.cart).toEqual(['tea'])
})
