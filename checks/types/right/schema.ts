// The data's type comes from a Standard Schema.
import { getSession, sessionMiddleware } from '@holdfast/adapter-hono'
import { createSessions, type DataOf } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { Hono } from 'hono'
import { z } from 'zod'
import type { Equal } from './equal.ts'

const common = { store: memoryStore(), secrets: [process.env.SESSION_SECRET] }

const sessions = createSessions({
  ...common,
  schema: z.object({ user: z.object({ id: z.string() }).optional(), cart: z.array(z.string()) }),
  initial: () => ({ cart: [] }),
})
export const inferred: Equal<DataOf<typeof sessions>, { user?: { id: string } | undefined; cart: string[] }> = true

new Hono().use(sessionMiddleware(sessions)).get('/', async (c) => c.json((await getSession(c)).data.cart))

// Defaults make `{}` valid input, so there is no need for `initial`.
const visits = createSessions({ ...common, schema: z.object({ visits: z.number().default(0) }) })
export const filled: Equal<DataOf<typeof visits>, { visits: number }> = true
