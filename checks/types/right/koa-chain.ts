// The data's type comes through the chain of app.use.
import { getSession, sessionMiddleware } from '@holdfast/adapter-koa'
import Koa, { type Context } from 'koa'
import type { Equal } from './equal.ts'
import { sessions, type Data } from './sessions.ts'

const app = new Koa().use(sessionMiddleware(sessions))

app.use(async (ctx, next) => {
  const session = await getSession(ctx)
  const inferred: Equal<typeof session.data, Data> = true
  session.update((data) => void data.cart.push(ctx.path))
  ctx.body = { cart: session.data.cart, inferred }
  await next()
})

app.use(async (ctx) => {
  const session = await getSession(ctx, { fresh: true })
  session.data.user = { id: 'u1', name: 'Ada' }
  session.regenerate({ subject: session.data.user.id })
  ctx.redirect('/')
})

// Other middleware before and after, each with a state and a context of its own.
new Koa<{ requestId: string }, { user?: string }>()
  .use(sessionMiddleware(sessions))
  .use(async (ctx, next) => {
    const { data } = await getSession(ctx)
    const same: Equal<typeof data, Data> = true
    ctx.state.requestId = `${data.cart.length} ${same}`
    await next()
  })
  .use<{ visits: number }>(async (ctx) => {
    ctx.state.visits = (await getSession(ctx)).data.cart.length
    ctx.body = ctx.state.requestId
  })

// Loaded before the handlers, for those who migrate.
new Koa().use(sessionMiddleware(sessions, { eager: true })).use(async (ctx) => {
  const same: Equal<typeof ctx.session.data, Data> = true
  ctx.body = { same, cart: ctx.session.data.cart, again: (await getSession(ctx)).data.cart }
})

// Behind a proxy of one's own.
new Koa().use(sessionMiddleware(sessions, { secure: (ctx) => ctx.get('x-scheme') === 'https', onCommitError: console.error }))

// Anywhere: the manager says what it holds.
export async function nameOf(ctx: Context): Promise<string | undefined> {
  const session = await getSession(ctx, sessions)
  const known: Equal<typeof session.data, Data> = true
  return known ? session.data.user?.name : undefined
}
