import { importPeer } from '../../../peers/import-peer.ts'
import type { Subject } from '../subject.ts'

/** With a store of the four methods that it asks for. */
export const honoSessions: Subject = {
  name: 'hono-sessions',
  packages: ['hono-sessions', 'ioredis', 'hono', '@hono/node-server'],
  setup:
    'with the four functions of a store on ioredis, the options of its example, sign-in by `session_key_rotation`, sign-out by `deleteSession`',
  hasStore: true,
  async start(redisUrl, route, limit) {
    const { Hono } = await importPeer('hono')
    const { getRequestListener } = await importPeer('@hono/node-server')
    const { sessionMiddleware } = await importPeer('hono-sessions')
    const { Redis } = await importPeer('ioredis')
    const redis = new Redis(redisUrl, { commandTimeout: limit })
    redis.on('error', () => {})
    const app = new Hono()
    app.use(
      '*',
      sessionMiddleware({
        store: storeOn(redis),
        expireAfterSeconds: 900,
        encryptionKey: 'only for the comparison, 32 bytes',
        cookieOptions: { sameSite: 'Lax', path: '/', httpOnly: true },
      }),
    )
    app.get('*', async (c: any) => {
      const session = c.get('session')
      const data = dataOf(session)
      const answer = await route(c.req.path, {
        data,
        change: (change) => change(data),
        signIn(change) {
          change(data)
          c.set('session_key_rotation', true)
        },
        signOut: () => session.deleteSession(),
      })
      return c.json(answer)
    })
    app.onError((_: unknown, c: any) => c.json({}, 500))
    return { listener: getRequestListener(app.fetch), close: () => redis.disconnect() }
  },
}

function storeOn(redis: any) {
  const set = async (id: string, data: unknown) => void (await redis.set(id, JSON.stringify(data), 'EX', 900))
  return {
    getSessionById: async (id: string) => JSON.parse((await redis.get(id)) ?? 'null'),
    createSession: set,
    persistSessionData: set,
    deleteSession: async (id: string) => void (await redis.del(id)),
  }
}

/** Its own `get` and `set`, behind the face of an object. */
function dataOf(session: any): Record<string, unknown> {
  return new Proxy<Record<string, unknown>>(
    {},
    {
      get: (_, key) => session.get(key),
      set(_, key, value) {
        session.set(key, value)
        return true
      },
      ownKeys: () => Object.keys(session.getCache()._data),
      getOwnPropertyDescriptor: (_, key) => ({ enumerable: true, configurable: true, value: session.get(key) }),
    },
  )
}
