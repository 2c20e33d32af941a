import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { sessionMiddleware } from 'hono-sessions'
import { Redis } from 'ioredis'
import { contents, view } from '../src/servers/contents.mjs'

const fixed = contents()

/** It brings no store for Redis on Node: this one follows its own for other backends. */
class RedisSessions {
  constructor(url) {
    this.redis = new Redis(url, { enableAutoPipelining: true })
  }

  async getSessionById(id) {
    const text = id === undefined ? null : await this.redis.get(id)
    return text === null ? null : JSON.parse(text)
  }

  async createSession(id, data) {
    await this.persistSessionData(id, data)
  }

  async persistSessionData(id, data) {
    await this.redis.set(id, JSON.stringify(data), 'PX', 1_800_000)
  }

  async deleteSession(id) {
    await this.redis.del(id)
  }
}

export function serve(_, url) {
  const app = new Hono()
  const encryptionKey = 'a secret for measurements, of 32 bytes or more'
  const cookieOptions = { sameSite: 'Lax', path: '/', httpOnly: true }
  app.use('*', sessionMiddleware({ store: new RedisSessions(url), encryptionKey, expireAfterSeconds: 1800, cookieOptions }))
  app.get('/none', (c) => c.json(view(fixed)))
  app.get('/read', (c) => c.json(seen(c.get('session'))))
  app.get('/change', (c) => {
    const session = c.get('session')
    session.set('visits', session.get('visits') + 1)
    return c.json(seen(session))
  })
  app.get('/fill', (c) => {
    const session = c.get('session')
    for (const [key, value] of Object.entries(contents())) session.set(key, value)
    return c.json(seen(session))
  })
  return createAdaptorServer(app)
}

function seen(session) {
  return view({ visits: session.get('visits'), user: session.get('user') })
}
