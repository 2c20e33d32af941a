import { importPeer } from '../../../peers/import-peer.ts'
import type { Subject } from '../subject.ts'

/** As the pages of both show it: the options, the sign-in and the sign-out. */
export const expressSession: Subject = {
  name: 'express-session',
  packages: ['express-session', 'connect-redis', 'redis', 'express'],
  setup: 'with `resave` and `saveUninitialized` off, sign-in and sign-out as in its own example (`regenerate`)',
  hasStore: true,
  async start(redisUrl, route, limit) {
    const { default: express } = await importPeer('express')
    const { default: session } = await importPeer('express-session')
    const { RedisStore } = await importPeer('connect-redis')
    const { createClient } = await importPeer('redis')
    const client = createClient({ url: redisUrl, socket: { socketTimeout: limit } })
    client.on('error', () => {})
    await client.connect()
    const app = express()
    app.use(session({ store: new RedisStore({ client }), secret: 'only for the comparison', resave: false, saveUninitialized: false }))
    app.use(async (req: any, res: any) => {
      const answer = await route(req.path, {
        get data() {
          return req.session
        },
        change: (change) => change(req.session),
        async signIn(change) {
          await promised((done) => req.session.regenerate(done))
          change(req.session)
          await promised((done) => req.session.save(done))
        },
        async signOut() {
          req.session.user = null
          await promised((done) => req.session.save(done))
          await promised((done) => req.session.regenerate(done))
        },
      })
      res.json(answer)
    })
    // Express prints the errors that it handles itself, unless it is told so.
    app.set('env', 'test')
    app.use((error: unknown, _req: unknown, res: any, next: (error: unknown) => void) =>
      res.headersSent ? next(error) : res.status(500).json({}),
    )
    return { listener: app, close: () => client.destroy() }
  },
}

function promised(call: (done: (error?: Error) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => call((error) => (error ? reject(error) : resolve())))
}
