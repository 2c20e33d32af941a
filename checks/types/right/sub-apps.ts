// Sub-applications: inferred in their own chain, declared, or from the manager.
import { getSession, sessionMiddleware, type SessionEnv } from '@holdfast/adapter-hono'
import { createSessions, type DataOf } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { Hono, type Context } from 'hono'
import type { Equal } from './equal.ts'
import { sessions, type Data } from './sessions.ts'

const cart = new Hono<SessionEnv<Data>>().get('/', async (c) => c.json((await getSession(c)).data.cart))
const account = new Hono().get('/', async (c) => c.json((await getSession(c, sessions)).data.user ?? null))
new Hono().use(sessionMiddleware(sessions)).route('/cart', cart).route('/account', account)

// Anywhere: the manager says what it holds.
export async function nameOf(c: Context): Promise<string | undefined> {
  const session = await getSession(c, sessions)
  const known: Equal<typeof session.data, Data> = true
  return known ? session.data.user?.name : undefined
}

// Two managers in one application: the nearest middleware decides, or the manager given.
const admins = createSessions<{ rights: string[] }>({
  store: memoryStore(),
  secrets: ['x'.repeat(32)],
  cookie: { name: '__Host-admin' },
  initial: () => ({ rights: [] }),
})
const admin = new Hono().use(sessionMiddleware(admins)).get('/', async (c) => c.json((await getSession(c)).data.rights))
new Hono().use(sessionMiddleware(sessions)).route('/admin', admin)

const same: Equal<DataOf<typeof admins>, { rights: string[] }> = true
export { same }
