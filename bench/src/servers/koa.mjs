import { getSession, sessionMiddleware } from '@holdfast/adapter-koa'
import Koa from 'koa'
import { createServer } from 'node:http'
import { contents, fill, view } from './contents.mjs'
import { floor } from './floor.mjs'
import { holdfast } from './holdfast.mjs'

const fixed = contents()

export function serve(variant, redisUrl) {
  const app = new Koa()
  if (variant === 'bare') app.use((ctx) => (ctx.body = view(fixed)))
  else if (variant === 'floor') addFloor(app, floor(redisUrl))
  else addHoldfast(app, holdfast(variant, redisUrl))
  return createServer(app.callback())
}

function addFloor(app, { read, change, fill: create }) {
  app.use(async (ctx) => {
    if (ctx.path === '/read') ctx.body = view(await read(ctx.headers.cookie))
    else if (ctx.path === '/change') ctx.body = view(await change(ctx.headers.cookie))
    else ctx.body = view(fixed)
    if (ctx.path === '/fill') ctx.set('Set-Cookie', await create())
  })
}

function addHoldfast(app, sessions) {
  app.use(sessionMiddleware(sessions))
  app.use(async (ctx) => {
    if (ctx.path === '/none') {
      ctx.body = view(fixed)
      return
    }
    const session = await getSession(ctx)
    if (ctx.path === '/change') session.data.visits += 1
    else if (ctx.path === '/fill') fill(session.data)
    ctx.body = view(session.data)
  })
}
