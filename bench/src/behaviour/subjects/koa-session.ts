import { importPeer } from '../../../peers/import-peer.ts'
import type { Subject } from '../subject.ts'

/** With a store of the three methods that its page asks for. */
export const koaSession: Subject = {
  name: 'koa-session',
  packages: ['koa-session', 'ioredis', 'koa'],
  setup: 'with the three functions of a store on ioredis, sign-in by `regenerate`, sign-out by `ctx.session = null`',
  hasStore: true,
  async start(redisUrl, route, limit) {
    const { default: Koa } = await importPeer('koa')
    const { createSession } = await importPeer('koa-session')
    const { Redis } = await importPeer('ioredis')
    const redis = new Redis(redisUrl, { commandTimeout: limit })
    redis.on('error', () => {})
    const store = {
      get: async (key: string) => JSON.parse((await redis.get(key)) ?? 'null'),
      set: async (key: string, data: unknown, maxAge: number) => void (await redis.set(key, JSON.stringify(data), 'PX', maxAge)),
      destroy: async (key: string) => void (await redis.del(key)),
    }
    const app = new Koa()
    app.silent = true
    app.keys = ['only for the comparison']
    app.use(createSession({ store }, app))
    app.use(async (ctx: any) => {
      ctx.body = await route(ctx.path, {
        get data() {
          return ctx.session
        },
        change: (change) => change(ctx.session),
        async signIn(change) {
          change(ctx.session)
          await ctx.session.regenerate()
        },
        signOut() {
          ctx.session = null
        },
      })
    })
    return { listener: app.callback(), close: () => redis.disconnect() }
  },
}
