import { importPeer } from '../../../peers/import-peer.ts'
import type { Subject } from '../subject.ts'

/** With a store that its own page calls compatible. */
export const fastifySession: Subject = {
  name: '@fastify/session',
  packages: ['@fastify/session', '@fastify/cookie', 'connect-redis', 'redis', 'fastify'],
  setup: 'with `saveUninitialized` off, and `rolling` off, so that a read writes nothing; sign-in by `regenerate`, sign-out by `destroy`',
  hasStore: true,
  async start(redisUrl, route, limit) {
    const { default: fastify } = await importPeer('fastify')
    const { default: cookie } = await importPeer('@fastify/cookie')
    const { default: session } = await importPeer('@fastify/session')
    const { RedisStore } = await importPeer('connect-redis')
    const { createClient } = await importPeer('redis')
    const client = createClient({ url: redisUrl, socket: { socketTimeout: limit } })
    client.on('error', () => {})
    await client.connect()
    const app = fastify()
    await app.register(cookie)
    await app.register(session, {
      store: new RedisStore({ client }),
      secret: 'only for the comparison, 32 bytes',
      cookie: { secure: false },
      saveUninitialized: false,
      rolling: false,
    })
    app.get('/*', async (request: any) =>
      route(request.url, {
        get data() {
          return request.session
        },
        change: (change) => change(request.session),
        async signIn(change) {
          await request.session.regenerate()
          change(request.session)
        },
        signOut: () => request.session.destroy(),
      }),
    )
    await app.ready()
    return { listener: (req, res) => app.routing(req, res), close: () => client.destroy() }
  },
}
