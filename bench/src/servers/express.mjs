import { getSession, sessionMiddleware } from '@holdfast/core/node'
import express from 'express'
import { createServer } from 'node:http'
import { contents, fill, view } from './contents.mjs'
import { floor } from './floor.mjs'
import { holdfast } from './holdfast.mjs'

const fixed = contents()

export function serve(variant, redisUrl) {
  const app = express()
  if (variant === 'floor') addFloor(app, floor(redisUrl))
  else if (variant !== 'bare') addHoldfast(app, holdfast(variant, redisUrl))
  app.get('/{*path}', (_, res) => res.json(view(fixed)))
  return createServer(app)
}

function addFloor(app, { read, change, fill: create }) {
  app.get('/read', async (req, res) => res.json(view(await read(req.headers.cookie))))
  app.get('/change', async (req, res) => res.json(view(await change(req.headers.cookie))))
  app.get('/fill', async (_, res) => res.append('Set-Cookie', await create()).json(view(fixed)))
}

function addHoldfast(app, sessions) {
  app.use(sessionMiddleware(sessions))
  app.get('/read', async (req, res) => res.json(view((await getSession(req, sessions)).data)))
  app.get('/change', async (req, res) => {
    const session = await getSession(req, sessions)
    session.data.visits += 1
    res.json(view(session.data))
  })
  app.get('/fill', async (req, res) => res.json(view(fill((await getSession(req, sessions)).data))))
}
