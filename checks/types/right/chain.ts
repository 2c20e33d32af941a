// The data's type comes through Hono's chain.
import { getSession, sessionMiddleware } from '@holdfast/adapter-hono'
import { Hono } from 'hono'
import type { Equal } from './equal.ts'
import { sessions, type Data } from './sessions.ts'

const app = new Hono().use(sessionMiddleware(sessions))

app.post('/cart/:sku', async (c) => {
  const session = await getSession(c)
  const inferred: Equal<typeof session.data, Data> = true
  session.update((data) => {
    data.cart.push(c.req.param('sku'))
  })
  return c.json({ cart: session.data.cart, inferred })
})

app.post('/sign-in', async (c) => {
  const session = await getSession(c, { fresh: true })
  session.data.user = { id: 'u1', name: 'Ada' }
  session.regenerate({ subject: session.data.user.id })
  return c.redirect('/', 303)
})

// Other middleware before and after, each with variables of its own.
new Hono<{ Variables: { requestId: string } }>()
  .use(sessionMiddleware(sessions))
  .use(async (c, next) => {
    c.set('requestId', (await getSession(c)).id)
    await next()
  })
  .get('/', async (c) => c.text(`${c.var.requestId} ${(await getSession(c)).data.cart.length}`))

// Only some routes have one.
app.get('/one', sessionMiddleware(sessions), async (c) => c.json((await getSession(c)).data.cart))

// Loaded before the handlers, for those who migrate.
new Hono().use(sessionMiddleware(sessions, { eager: true })).get('/', async (c) => {
  const same: Equal<typeof c.var.session.data, Data> = true
  return c.json({ same, cart: c.var.session.data.cart, again: (await getSession(c)).data.cart })
})
