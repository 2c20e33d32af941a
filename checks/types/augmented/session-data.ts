// One declaration types every session of an application.
import { getSession, sessionMiddleware } from '@holdfast/adapter-hono'
import { createSessions, type DataOf, type Session } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { Hono, type Context } from 'hono'

declare module '@holdfast/core' {
  interface SessionData {
    user?: { id: string }
    cart: string[]
  }
}

const sessions = createSessions({ store: memoryStore(), secrets: [process.env.SESSION_SECRET], initial: () => ({ cart: [] }) })
export const cart: string[] = ({} as DataOf<typeof sessions>).cart

new Hono().use(sessionMiddleware(sessions)).get('/', async (c) => c.json((await getSession(c)).data.cart))

export async function anywhere(c: Context): Promise<string | undefined> {
  const session: Session = await getSession(c)
  return session.data.user?.id
}

export async function wrong(c: Context): Promise<unknown> {
  return (await getSession(c)).data.basket // error TS2339: Property 'basket' does not exist on type 'SessionData'.
}

createSessions({ store: memoryStore(), secrets: [process.env.SESSION_SECRET] }) // error TS2345: Property 'initial' is missing
