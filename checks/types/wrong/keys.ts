// Keys that the data does not have, in every way to a session.
import { getSession, sessionMiddleware, type SessionEnv } from '@holdfast/adapter-hono'
import { Hono } from 'hono'
import { sessions, type Data } from '../right/sessions.ts'

new Hono().use(sessionMiddleware(sessions)).get('/', async (c) => {
  const session = await getSession(c)
  session.data.basket = [] // error TS2339: Property 'basket' does not exist on type 'Data'.
  session.data.cart = 'all of it' // error TS2322: Type 'string' is not assignable to type 'string[]'.
  session.update((data) => data.crat.push('a')) // error TS2339: Property 'crat' does not exist on type 'Data'.
  return c.text(session.data.user.name) // error TS18048: 'session.data.user' is possibly 'undefined'.
})

new Hono<SessionEnv<Data>>().get('/', async (c) => {
  return c.json((await getSession(c)).data.basket) // error TS2339: Property 'basket' does not exist on type 'Data'.
})

new Hono().get('/', async (c) => {
  return c.json((await getSession(c, sessions)).data.basket) // error TS2339: Property 'basket' does not exist on type 'Data'.
})

await sessions.create({ cart: [], basket: [] }) // error TS2353: 'basket' does not exist in type 'Data'.
