// Hono's RPC client sees the same types with and without the middleware.
import { getSession, sessionMiddleware } from '@holdfast/adapter-hono'
import { Hono } from 'hono'
import { hc } from 'hono/client'
import type { Equal } from './equal.ts'
import { sessions } from './sessions.ts'

const without = new Hono()
  .get('/cart', (c) => c.json({ cart: ['a'] }))
  .post('/cart/:sku', (c) => (c.req.param('sku') === '' ? c.json({ error: 'no sku' }, 400) : c.json({ cart: ['a'] }, 201)))

const within = new Hono()
  .use(sessionMiddleware(sessions))
  .get('/cart', async (c) => c.json({ cart: (await getSession(c)).data.cart }))
  .post('/cart/:sku', async (c) => {
    const session = await getSession(c)
    session.update((data) => void data.cart.push(c.req.param('sku')))
    return c.req.param('sku') === '' ? c.json({ error: 'no sku' }, 400) : c.json({ cart: session.data.cart }, 201)
  })

const plain = hc<typeof without>('http://localhost')
const client = hc<typeof within>('http://localhost')

export const same: Equal<typeof client, typeof plain> = true

const answer = await client.cart[':sku'].$post({ param: { sku: 'b' } })
export const cart: string[] = answer.status === 201 ? (await answer.json()).cart : []
