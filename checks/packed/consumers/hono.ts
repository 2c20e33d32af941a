// What an application that installed the packages would say; compiled as an ES module, as CommonJS and for a bundler.
import { getSession, sessionMiddleware, type SessionEnv } from '@holdfast/adapter-hono'
import { createSessions, isSessionError, minutes, type SessionManager } from '@holdfast/core'
import { memoryStore, type MemoryStore } from '@holdfast/core/memory'
import { attachSession, sessionMiddleware as connectMiddleware } from '@holdfast/core/node'
import { redisStore } from '@holdfast/core/redis'
import { fakeClock, storeContract } from '@holdfast/core/testing'
import { Hono } from 'hono'

declare module '@holdfast/core' {
  interface SessionData {
    cart: string[]
  }
}

const store: MemoryStore = memoryStore({ clock: fakeClock() })
export const sessions: SessionManager = createSessions({
  store: process.env.REDIS_URL === undefined ? store : redisStore({ url: process.env.REDIS_URL }),
  secrets: [process.env.SESSION_SECRET],
  idleTimeout: minutes(30),
  initial: () => ({ cart: [] }),
})

export const app = new Hono().use(sessionMiddleware(sessions))
app.get('/', async (c) => c.json((await getSession(c)).data.cart))
new Hono<SessionEnv>().get('/', async (c) => c.json((await getSession(c)).data.cart))

export const all = { attachSession, connectMiddleware, isSessionError, storeContract }
