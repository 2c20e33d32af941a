import { isSessionError, onSessionEvent } from '@holdfast/core'
import { getSession, sessionMiddleware } from '@holdfast/adapter-hono'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { newSessions } from './new-sessions.ts'

test('errors are told by their code', async () => {
  const { sessions } = newSessions({ onOverlap: 'fail' })
  const { session, cookie } = await sessions.create({ cart: [], visits: 0 })
  const opened = sessions.open(cookie)
  const mine = await opened.load()
  session.data.cart.push('milk')
  await session.save()
  mine.data.cart.push('tea')
  let note = ''
  // #region by-code
  try {
    await mine.save()
  } catch (error) {
    if (!isSessionError(error)) throw error
    switch (error.code) {
      case 'ERR_CONFLICT':
        note = 'Your cart was changed in another tab.'
        break
      case 'ERR_ENDED':
        note = 'You have been signed out.'
        break
      default:
        throw error
    }
  }
  // #endregion by-code
  expect(note).toBe('Your cart was changed in another tab.')
})

test("a framework's own error handling gives the right answer", async () => {
  const { sessions, store } = newSessions()
  const { cookie } = await sessions.create({ cart: [], visits: 0 })
  store.fault = () => 'fail'
  // #region answer
  const app = new Hono().use(sessionMiddleware(sessions))
  app.get('/cart', async (c) => c.json((await getSession(c)).data.cart))

  const response = await app.request('/cart', { headers: { cookie } })
  expect(response.status).toBe(503)
  expect(response.headers.get('Retry-After')).toBe('1')
  expect(await response.text()).toBe('The session store is unavailable. Try again.')
  // #endregion answer
})

test('events are counted', async () => {
  const { sessions, store } = newSessions()
  const { session, cookie } = await sessions.create({ cart: [], visits: 0 })
  await store.delete(session.id)
  const counted: string[] = []
  const metrics = { increment: (name: string) => counted.push(name) }
  // #region events
  const stops = [
    onSessionEvent('missing', () => metrics.increment('session.missing')),
    onSessionEvent('load', ({ outcome }) => metrics.increment(`session.load.${outcome}`)),
    onSessionEvent('overlap', ({ key }) => metrics.increment(`session.overlap.${key}`)),
  ]
  // #endregion events
  await sessions.open(cookie).load()
  for (const stop of stops) stop()
  expect(counted).toEqual(['session.missing', 'session.load.missing'])
})
