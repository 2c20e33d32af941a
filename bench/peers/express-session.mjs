import { createServer } from 'node:http'
import { RedisStore } from 'connect-redis'
import express from 'express'
import session from 'express-session'
import { createClient } from 'redis'
import { contents, fill, view } from '../src/servers/contents.mjs'

const fixed = contents()

/** As the README of connect-redis says. */
export async function serve(_, url) {
  const client = await createClient({ url }).connect()
  const app = express()
  const store = new RedisStore({ client, ttl: 1800, disableTouch: true })
  app.use(session({ store, secret: 'a secret for measurements, of 32 bytes or more', resave: false, saveUninitialized: false }))
  app.get('/none', (_req, res) => res.json(view(fixed)))
  app.get('/read', (req, res) => res.json(view(req.session)))
  app.get('/change', (req, res) => {
    req.session.visits += 1
    res.json(view(req.session))
  })
  app.get('/fill', (req, res) => res.json(view(fill(req.session))))
  return createServer(app)
}
