import fastifyCookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import { RedisStore } from 'connect-redis'
import Fastify from 'fastify'
import { createClient } from 'redis'
import { contents, fill, view } from '../src/servers/contents.mjs'

const fixed = contents()

/** On connect-redis, which its README names. */
export async function serve(_, url) {
  const client = await createClient({ url }).connect()
  const app = Fastify()
  app.register(fastifyCookie)
  app.register(fastifySession, {
    store: new RedisStore({ client, ttl: 1800, disableTouch: true }),
    secret: 'a secret for measurements, of 32 bytes or more',
    cookie: { secure: false, maxAge: 1_800_000 },
    saveUninitialized: false,
    rolling: false,
  })
  app.get('/none', async () => view(fixed))
  app.get('/read', async (request) => view(request.session))
  app.get('/change', async (request) => {
    request.session.visits += 1
    return view(request.session)
  })
  app.get('/fill', async (request) => view(fill(request.session)))
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server
}
