import { getSession, sessionMiddleware } from '@holdfast/adapter-hono'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { contents, fill, view } from './contents.mjs'
import { floor } from './floor.mjs'
import { holdfast } from './holdfast.mjs'

const fixed = contents()

export function serve(variant, redisUrl) {
  const app = new Hono()
  if (variant === 'bare') app.get('*', (c) => c.json(view(fixed)))
  else if (variant === 'floor') addFloor(app, floor(redisUrl))
  else addHoldfast(app, holdfast(variant, redisUrl))
  return createAdaptorServer(app)
}

function addFloor(app, { read, change, fill: create }) {
  app.get('/none', (c) => c.json(view(fixed)))
  app.get('/read', async (c) => c.json(view(await read(c.req.header('cookie')))))
  app.get('/change', async (c) => c.json(view(await change(c.req.header('cookie')))))
  app.get('/fill', async (c) => c.json(view(fixed), 200, { 'Set-Cookie': await create() }))
}

function addHoldfast(app, sessions) {
  app.use(sessionMiddleware(sessions))
  app.get('/none', (c) => c.json(view(fixed)))
  app.get('/read', async (c) => c.json(view((await getSession(c)).data)))
  app.get('/change', async (c) => {
    const session = await getSession(c)
    session.data.visits += 1
    return c.json(view(session.data))
  })
  app.get('/fill', async (c) => c.json(view(fill((await getSession(c)).data))))
}
