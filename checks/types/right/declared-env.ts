// The data's type comes from a declared Env: for routes that are mounted under the middleware.
import { getSession, type EagerSessionEnv, type SessionEnv } from '@holdfast/adapter-hono'
import { Hono } from 'hono'
import { createFactory, createMiddleware } from 'hono/factory'
import type { Equal } from './equal.ts'
import type { Data } from './sessions.ts'

const routes = new Hono<SessionEnv<Data>>()
routes.get('/', async (c) => {
  const session = await getSession(c)
  const inferred: Equal<typeof session.data, Data> = true
  return c.json({ inferred, name: session.data.user?.name })
})

// Beside variables of one's own.
new Hono<SessionEnv<Data> & { Variables: { requestId: string } }>().get('/', async (c) =>
  c.text(c.var.requestId + (await getSession(c)).data.cart.length),
)

new Hono<EagerSessionEnv<Data>>().get('/', (c) => c.json(c.var.session.data.cart))

export const requireUser = createMiddleware<SessionEnv<Data>>(async (c, next) => {
  const { data } = await getSession(c)
  if (data.user === undefined) return c.text('Sign in first.', 401)
  await next()
  return undefined
})

createFactory<SessionEnv<Data>>().createHandlers(requireUser, async (c) => c.json((await getSession(c)).data.cart))
