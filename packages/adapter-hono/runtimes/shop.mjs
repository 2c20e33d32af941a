// The application that every runtime serves: packed packages, a store in memory that can fall silent, sign-in and sign-out.
import { getSession, sessionMiddleware } from '@holdfast/adapter-hono'
import { createSessions } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'

const memory = memoryStore()
let isSilent = false
const store = { ...memory, get: (...asked) => (isSilent ? new Promise(() => {}) : memory.get(...asked)) }

const sessions = createSessions({
  store,
  secrets: ['a secret for tests, of 32 bytes or more'],
  initial: () => ({ cart: [] }),
})

export const shop = new Hono()
  .use(sessionMiddleware(sessions))
  .get('/plain', (c) => c.text('plain'))
  .get('/me', async (c) => {
    const { data, outcome, subject } = await getSession(c)
    return c.json({ user: data.user, cart: data.cart, outcome, subject })
  })
  .post('/sign-in', async (c) => {
    const session = await getSession(c)
    session.data.user = 'ann'
    session.regenerate({ subject: 'ann' })
    return c.redirect('/me', 303)
  })
  .post('/cart/:sku', async (c) => {
    const session = await getSession(c)
    session.update((data) => {
      data.cart.push(c.req.param('sku'))
    })
    return c.json(session.data.cart)
  })
  .post('/sign-out', async (c) => {
    const session = await getSession(c)
    session.destroy()
    return c.body(null, 204)
  })
  .post('/fails', async (c) => {
    const session = await getSession(c)
    session.data.cart.push('saved all the same')
    throw new HTTPException(418, { message: 'teapot' })
  })
  .post('/silence/:state', (c) => {
    isSilent = c.req.param('state') === 'on'
    return c.body(null, 204)
  })
