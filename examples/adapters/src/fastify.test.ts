import { createSessions, isSessionError } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { faultyStore } from '@holdfast/core/testing'
import fastify from 'fastify'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { addSessions } from './fastify.ts'

const store = faultyStore(memoryStore())
const sessions = createSessions<{ cart: string[] }>({
  store,
  secrets: ['only for the tests of the adapter for Fastify'],
  initial: () => ({ cart: [] }),
  requestTimeout: 100,
})

const lines = Readable.from(['book\n', 'lamp\n'])

function shop() {
  // #region use
  const app = fastify()
  const getSession = addSessions(app, sessions)

  app.post<{ Params: { sku: string } }>('/cart/:sku', async (request) => {
    const session = await getSession(request)
    session.update((data) => void data.cart.push(request.params.sku))
    return session.data.cart
  })
  // #endregion use
  app.get('/cart', async (request) => (await getSession(request)).data.cart)
  app.get('/export', async (request) => {
    const session = await getSession(request)
    session.data.cart.push('book')
    return lines
  })
  return app
}

test('a route finds what another has saved', async () => {
  const app = shop()
  const { headers } = await app.inject({ method: 'POST', url: '/cart/book' })
  const cart = await app.inject({ url: '/cart', headers: { cookie: String(headers['set-cookie']) } })
  expect(cart.json()).toEqual(['book'])
})

test('an answer of a hook before the sessions is left alone', async () => {
  const app = fastify()
  app.addHook('onRequest', async (_, reply) => reply.code(429).send('slow down'))
  addSessions(app, sessions)
  const { statusCode, body } = await app.inject('/cart')
  expect([statusCode, body]).toEqual([429, 'slow down'])
})

test("an error handler of the application's answers for a session that could not be saved", async () => {
  const app = shop()
  // #region errors
  app.setErrorHandler(async (error) => {
    if (!isSessionError(error)) throw error
    return error.getResponse()
  })
  // #endregion errors
  store.fault = () => 'fail'
  const answer = await app.inject({ method: 'POST', url: '/cart/book' })
  store.fault = undefined
  expect([answer.statusCode, answer.headers['retry-after'], answer.headers['set-cookie']]).toEqual([503, '1', undefined])
  expect(answer.body).toBe('The session store is unavailable. Try again.')
})

test('a stream that is not sent, since the session could not be saved, is closed', async () => {
  store.fault = () => 'fail'
  const { statusCode } = await shop().inject('/export')
  store.fault = undefined
  expect([statusCode, lines.destroyed]).toEqual([503, true])
})
