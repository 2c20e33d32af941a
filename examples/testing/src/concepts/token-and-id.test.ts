import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { cookieOf, newSessions, setCookies } from './new-sessions.ts'

test('the cookie has the token, the store and the log have its hash', async () => {
  const { sessions, store } = newSessions()
  // #region token-and-id
  const { session, cookie } = await sessions.create({ cart: [], visits: 0 })

  const [, token] = cookie.slice('__Host-session='.length).split('.')
  const id = createHash('sha256').update(token!).digest('base64url')

  expect(session.id).toBe(id)
  expect(store.calls).toEqual([{ method: 'put', key: id }])
  // #endregion token-and-id
  expect(token).toMatch(/^[\w-]{43}$/)
})

test('a record is a version, a deadline and bytes', async () => {
  const { sessions, store } = newSessions()
  // #region record
  const { session, cookie } = await sessions.create({ cart: ['tea'], visits: 0 })
  const first = await store.get(session.id)

  const opened = sessions.open(cookie)
  ;(await opened.load()).data.cart.push('milk')
  await opened.commit()
  const second = await store.get(session.id)

  expect(first?.version).toMatch(/^0000000001\.[\w-]{8}$/)
  expect(second?.version).toMatch(/^0000000002\.[\w-]{8}$/)
  expect(second!.version > first!.version).toBe(true)
  expect(Buffer.from(second!.value).toString()).toContain('{"cart":["tea","milk"],"visits":0}')
  // #endregion record
})

test('the subject is whose session it is', async () => {
  const { sessions } = newSessions()
  const visit = sessions.open(null)
  ;(await visit.load()).data.cart.push('tea')
  const before = cookieOf(await visit.commit())
  const opened = sessions.open(before)
  // #region sign-in
  const session = await opened.load()
  session.data.user = { name: 'Ada', rights: [] }
  session.regenerate({ subject: 'ada' })
  // #endregion sign-in
  const after = cookieOf(await opened.commit())
  const [old, now] = [await sessions.open(before).load(), await sessions.open(after).load()]
  expect([old.outcome, now.outcome, now.subject, now.data.cart]).toEqual(['ended', 'live', 'ada', ['tea']])
})

test('a store that answers from copies has a second cookie written', async () => {
  // #region freshness
  const { store } = newSessions()
  const { sessions } = newSessions({ store: { ...store, answersFromCopies: true } })
  const opened = sessions.open(null)
  ;(await opened.load()).data.theme = 'dark'
  const [token, freshness] = setCookies(await opened.commit())

  expect(token).toMatch(/^__Host-session=1\./)
  expect(freshness).toMatch(/^__Host-session-version=1\.0000000001\./)
  // #endregion freshness
})
