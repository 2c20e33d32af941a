import { getSession, sessionMiddleware } from '@holdfast/adapter-hono'
import type { SessionManager } from '@holdfast/core'
import { Hono } from 'hono'
import { signIn } from './sign-in.ts'
import { welcome } from './welcome.ts'

/** What a session of the shop holds. */
export interface Data {
  cart: string[]
  user?: { name: string }
}

// #region shop
/** The application on the sessions that it is given: those on Redis in production, a test's own in a test. */
export function shop(sessions: SessionManager<Data>) {
  return new Hono()
    .use(sessionMiddleware(sessions))
    .get('/about', (c) => c.text('A shop for tea and milk.'))
    .get('/', async (c) => c.text(welcome(await getSession(c, { onUnavailable: 'anonymous' }))))
    .get('/cart', async (c) => c.json((await getSession(c)).data.cart))
    .post('/cart/:sku', async (c) => {
      const session = await getSession(c)
      session.update((data) => void data.cart.push(c.req.param('sku')))
      return c.body(null, 204)
    })
    .post('/sign-in/:id', async (c) => {
      signIn(await getSession(c), c.req.param('id'))
      return c.redirect('/', 303)
    })
    .get('/account', async (c) => {
      const session = await getSession(c)
      return c.text(welcome(session), session.subject === undefined ? 401 : 200)
    })
}
// #endregion shop
