// What an application on Koa would say. The session's data is declared beside this file.
import { getSession, sessionMiddleware, type EagerSessionContext, type SessionContext } from '@holdfast/adapter-koa'
import { createSessions } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import Koa, { type DefaultState, type Middleware } from 'koa'

const sessions = createSessions({ store: memoryStore(), secrets: [process.env.SESSION_SECRET], initial: () => ({ cart: [] }) })

export const app = new Koa().use(sessionMiddleware(sessions)).use(async (ctx) => {
  ctx.body = (await getSession(ctx)).data.cart
})

export const named: Middleware = async (ctx) => {
  ctx.body = (await getSession(ctx, sessions)).data.cart
}
export const declared: Middleware<DefaultState, SessionContext> = async (ctx) => {
  ctx.body = (await getSession(ctx)).data.cart
}
export const eager: Middleware<DefaultState, EagerSessionContext> = (ctx) => {
  ctx.body = ctx.session.data.cart
}
