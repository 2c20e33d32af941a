// Under Koa the declaration counts where nothing says more.
import { getSession, sessionMiddleware, type SessionContext } from '@holdfast/adapter-koa'
import { createSessions } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { Router } from '@koa/router'
import Koa, { type Context, type DefaultState } from 'koa'

const sessions = createSessions({ store: memoryStore(), secrets: [process.env.SESSION_SECRET], initial: () => ({ cart: [] }) })

const declared = new Router<DefaultState, SessionContext>().get('/', async (ctx) => {
  ctx.body = (await getSession(ctx)).data.cart
})
const undeclared = new Router().get('/', async (ctx) => {
  ctx.body = (await getSession(ctx)).data.user?.id
})
new Koa().use(sessionMiddleware(sessions)).use(declared.routes()).use(undeclared.routes())

export async function anywhere(ctx: Context): Promise<string[]> {
  return (await getSession(ctx)).data.cart
}

export async function wrong(ctx: Context): Promise<unknown> {
  return (await getSession(ctx)).data.basket // error TS2339: Property 'basket' does not exist on type 'SessionData'.
}
