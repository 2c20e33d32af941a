// What the Koa adapter refuses: a session where no middleware ran, keys that are not there, data that is another's.
import { getSession, sessionMiddleware, type SessionContext } from '@holdfast/adapter-koa'
import { Router } from '@koa/router'
import Koa, { type Context, type DefaultState } from 'koa'
import { sessions, type Data } from '../right/sessions.ts'

new Koa().use(sessionMiddleware(sessions)).use(async (ctx) => {
  const session = await getSession(ctx)
  session.data.basket = [] // error TS2339: Property 'basket' does not exist on type 'Data'.
  session.data.cart = 'all of it' // error TS2322: Type 'string' is not assignable to type 'string[]'.
  session.user = { id: 'u1' } // error TS2339: Property 'user' does not exist on type 'Session<Data>'.
})

new Koa().use(async (ctx) => {
  ctx.body = (await getSession(ctx)).data.cart // error TS2339: Property 'cart' does not exist on type 'SessionData'.
})

new Koa().use(async (ctx) => {
  ctx.body = (await getSession<Data>(ctx)).data // error TS2345: is not assignable to parameter of type
})

export async function nameOf(ctx: Context): Promise<unknown> {
  return (await getSession(ctx, sessions)).data.name // error TS2339: Property 'name' does not exist on type 'Data'.
}

new Router<DefaultState, SessionContext<Data>>().get('/', async (ctx) => {
  ctx.body = (await getSession(ctx)).data.basket // error TS2339: Property 'basket' does not exist on type 'Data'.
})
new Router().get('/', async (ctx) => {
  ctx.body = (await getSession(ctx)).data.cart // error TS2339: Property 'cart' does not exist on type 'SessionData'.
})

sessionMiddleware({ sessions }) // error TS2353: 'sessions' does not exist in type 'SessionManager<object>'.
sessionMiddleware(sessions, { eager: 'yes' }) // error TS2769: Type 'string' is not assignable to type 'boolean
