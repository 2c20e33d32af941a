import { createServer } from 'node:http'
import { Redis } from 'ioredis'
import Koa from 'koa'
import session from 'koa-session'
import { contents, fill, view } from '../src/servers/contents.mjs'

const fixed = contents()

/** With a store as its README describes one, on ioredis. */
export async function serve(_, url) {
  const redis = new Redis(url, { enableAutoPipelining: true })
  const store = {
    async get(key) {
      const text = await redis.get(key)
      return text === null ? undefined : JSON.parse(text)
    },
    set: (key, value, maxAge) => redis.set(key, JSON.stringify(value), 'PX', maxAge),
    destroy: (key) => redis.del(key),
  }
  const app = new Koa()
  app.keys = ['a secret for measurements, of 32 bytes or more']
  const options = { store, maxAge: 1_800_000 }
  // The version with types has it by name, the one before as the module itself.
  app.use((session.createSession ?? session.default ?? session)(options, app))
  app.use((ctx) => {
    if (ctx.path === '/none') {
      ctx.body = view(fixed)
      return
    }
    if (ctx.path === '/change') ctx.session.visits += 1
    else if (ctx.path === '/fill') fill(ctx.session)
    ctx.body = view(ctx.session)
  })
  return createServer(app.callback())
}
