import { addSessions } from '@holdfast/example-adapters/fastify'
import Fastify from 'fastify'
import { contents, fill, view } from './contents.mjs'
import { floor } from './floor.mjs'
import { holdfast } from './holdfast.mjs'

const fixed = contents()

export async function serve(variant, redisUrl) {
  const app = Fastify()
  if (variant === 'floor') addFloor(app, floor(redisUrl))
  else if (variant !== 'bare') addHoldfast(app, holdfast(variant, redisUrl))
  if (variant === 'bare') for (const path of ['/read', '/change']) app.get(path, async () => view(fixed))
  app.get('/none', async () => view(fixed))
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server
}

function addFloor(app, { read, change, fill: create }) {
  app.get('/read', async (request) => view(await read(request.headers.cookie)))
  app.get('/change', async (request) => view(await change(request.headers.cookie)))
  app.get('/fill', async (_, reply) => {
    reply.header('Set-Cookie', await create())
    return view(fixed)
  })
}

function addHoldfast(app, sessions) {
  const getSession = addSessions(app, sessions)
  app.get('/read', async (request) => view((await getSession(request)).data))
  app.get('/change', async (request) => {
    const session = await getSession(request)
    session.data.visits += 1
    return view(session.data)
  })
  app.get('/fill', async (request) => view(fill((await getSession(request)).data)))
}
