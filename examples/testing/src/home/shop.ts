import { getSession, sessionMiddleware } from '@holdfast/adapter-hono'
import { createSessions, type SessionStore } from '@holdfast/core'
import { Hono } from 'hono'

interface Data {
  name?: string
  cart: string[]
}

/** The shop of the documentation's first page. */
export function shop(store: SessionStore, secrets: string[]): Pick<Hono, 'request'> {
  // #region shop
  const sessions = createSessions<Data>({ store, secrets, initial: () => ({ cart: [] }) })
  const app = new Hono().use(sessionMiddleware(sessions))

  app.post('/cart/:sku', async (c) => {
    const session = await getSession(c)
    // Exact when two tabs race.
    session.update((data) => void data.cart.push(c.req.param('sku')))
    return c.json(session.data.cart)
  })

  app.post('/sign-in/:name', async (c) => {
    const session = await getSession(c)
    session.data.name = c.req.param('name')
    // A new token under the same data. The old one opens nothing.
    session.regenerate({ subject: session.data.name })
    // Sent once all of this is saved. If it cannot be saved: 503, and no cookie.
    return c.redirect('/', 303)
  })

  app.post('/sign-out', async (c) => {
    const session = await getSession(c)
    // No slow request, retry or rotation brings it back.
    session.destroy()
    return c.redirect('/', 303)
  })
  // #endregion shop

  app.get('/', async (c) => c.json((await getSession(c)).data))
  app.get('/about', (c) => c.text('A shop.'))
  return app
}
