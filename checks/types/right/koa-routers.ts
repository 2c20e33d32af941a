// Koa's routers: declared, inferred in their own chain, or from the manager.
import { getSession, sessionMiddleware, type EagerSessionContext, type SessionContext } from '@holdfast/adapter-koa'
import { createSessions } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { Router } from '@koa/router'
import Koa, { type DefaultState, type Middleware } from 'koa'
import type { Equal } from './equal.ts'
import { sessions, type Data } from './sessions.ts'

const cart = new Router<DefaultState, SessionContext<Data>>()
cart.post('/cart/:sku', async (ctx) => {
  const session = await getSession(ctx)
  const inferred: Equal<typeof session.data, Data> = true
  session.update((data) => void data.cart.push(ctx.params.sku ?? ''))
  ctx.body = { inferred, cart: session.data.cart }
})

// Beside a context of one's own.
const account = new Router<{ requestId: string }, SessionContext<Data> & { theme: string }>()
account.get('/account', async (ctx) => {
  ctx.body = ctx.state.requestId + ctx.theme + ((await getSession(ctx)).data.user?.name ?? '')
})

const old = new Router<DefaultState, EagerSessionContext<Data>>()
old.get('/old', (ctx) => {
  const same: Equal<typeof ctx.session.data, Data> = true
  ctx.body = { same, cart: ctx.session.data.cart }
})

export const requireUser: Middleware<DefaultState, SessionContext<Data>> = async (ctx, next) => {
  const { data } = await getSession(ctx)
  if (data.user === undefined) ctx.throw(401, 'Sign in first.')
  await next()
}
cart.get('/orders', requireUser, async (ctx) => {
  ctx.body = (await getSession(ctx)).data.cart
})

// A router that declares nothing names the manager.
const plain = new Router().get('/plain', async (ctx) => {
  ctx.body = (await getSession(ctx, sessions)).data.cart
})

const app = new Koa().use(sessionMiddleware(sessions))
app.use(cart.routes()).use(cart.allowedMethods()).use(plain.routes())
new Koa<{ requestId: string }, { theme: string }>().use(sessionMiddleware(sessions)).use(account.routes())
new Koa()
  .use(sessionMiddleware(sessions, { eager: true }))
  .use(old.routes())
  .use(cart.routes())

// Two managers in one application: the manager given decides.
const admins = createSessions<{ rights: string[] }>({
  store: memoryStore(),
  secrets: ['x'.repeat(32)],
  cookie: { name: '__Host-admin' },
  initial: () => ({ rights: [] }),
})
app.use(sessionMiddleware(admins)).use(async (ctx) => {
  ctx.body = [(await getSession(ctx, sessions)).data.cart, (await getSession(ctx, admins)).data.rights]
})
