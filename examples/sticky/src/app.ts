// One node: `node app`, behind a load balancer, with others like it. Its settings come from the environment.
import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { getSession, sessionMiddleware } from '@holdfast/adapter-hono'
import { affinity, createSessions, seconds, type Session } from '@holdfast/core'
import { Hono } from 'hono'
import type { Answer } from './answer.ts'
import { leaveOn } from './leave.ts'
import { readSettings } from './settings.ts'
import { stores } from './stores.ts'

interface Data {
  count: number
}

const settings = readSettings(process.env)
const storeOf = stores[settings.store]
if (storeOf === undefined) throw new Error(`STORE is ${settings.store}; it takes ${Object.keys(stores).join(', ')}.`)
const { node, redisUrl, affinitySeconds } = settings
const store = storeOf(redisUrl)

// #region affinity
const sessions = createSessions<Data>({
  store,
  secrets: [settings.secret],
  initial: () => ({ count: 0 }),
  affinity: affinity({ node, maxAge: seconds(affinitySeconds) }),
})
// #endregion affinity

const shown = ({ outcome, subject, data }: Session<Data>): Answer => ({ node, outcome, subject, count: data.count })

// #region leaving
const leaving = { isTold: false }
const app = new Hono()
  .get('/healthz', (c) => c.text(leaving.isTold ? 'leaving' : 'well', leaving.isTold ? 503 : 200))
  .use(sessionMiddleware(sessions))
  .use(async (c, next) => {
    await next()
    if (leaving.isTold) c.header('Connection', 'close')
  })
  // #endregion leaving
  .get('/', async (c) => c.json(shown(await getSession(c))))
  .post('/count', async (c) => {
    const session = await getSession(c)
    session.update((data) => void (data.count += 1))
    return c.json(shown(session))
  })
  .post('/sign-in', async (c) => {
    const session = await getSession(c)
    session.regenerate({ subject: await c.req.text() }) // Check a password here.
    return c.json(shown(session))
  })
  .post('/sign-out', async (c) => {
    const session = await getSession(c)
    session.destroy()
    return c.json({ node })
  })

const server = createAdaptorServer(app) as Server
server.listen(settings.port, () => console.log(JSON.stringify({ node, port: settings.port })))
leaveOn('SIGTERM', leaving, { server, sessions, drain: 'drain' in store ? store.drain : undefined, noticed: settings.noticed })
