// There is no type parameter that merely asserts, and no session where no middleware ran.
import { getSession, sessionMiddleware } from '@holdfast/adapter-hono'
import { Hono } from 'hono'
import { sessions, type Data } from '../right/sessions.ts'

new Hono().get('/', async (c) => {
  const session = await getSession(c)
  return c.json(session.data.cart) // error TS2339: Property 'cart' does not exist on type 'SessionData'.
})

new Hono().get('/', async (c) => {
  const session = await getSession<Data>(c) // error TS2345: is not assignable to parameter of type
  return c.json(session.data)
})

new Hono().use(sessionMiddleware(sessions)).get('/', (c) => c.json(c.var.session)) // error TS2339: Property 'session' does not exist
