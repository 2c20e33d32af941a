// Express, connect and bare node:http: the manager says what it holds.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { attachSession, getSession, sessionMiddleware } from '@holdfast/core/node'
import express, { type RequestHandler } from 'express'
import type { Equal } from './equal.ts'
import { sessions, type Data } from './sessions.ts'

const app = express().use(sessionMiddleware(sessions, { secure: (req) => req.headers['x-scheme'] === 'https' }))

app.post('/cart/:sku', async (req, res) => {
  const session = await getSession(req, sessions)
  const known: Equal<typeof session.data, Data> = true
  session.update((data) => void data.cart.push(req.params.sku))
  res.json({ known, cart: session.data.cart })
})

app.post('/sign-in', async (req, res) => {
  const session = await getSession(req, sessions, { fresh: true })
  session.data.user = { id: 'u1', name: 'Ada' }
  session.regenerate({ subject: session.data.user.id })
  res.redirect(303, '/')
})

const requireUser: RequestHandler = async (req, res, next) => {
  const { data } = await getSession(req, sessions)
  if (data.user === undefined) res.status(401).send('Sign in first.')
  else next()
}
app.use('/orders', requireUser, express.Router().use(sessionMiddleware(sessions, { eager: true })))

// Whether somebody is signed in does not depend on the data.
export async function isSignedIn(req: IncomingMessage): Promise<boolean> {
  return (await getSession(req)).subject !== undefined
}

export async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const opened = attachSession(sessions, req, res)
  const { data } = await opened.load()
  const same: Equal<typeof data, Data> = true
  res.end(JSON.stringify({ same, cart: data.cart, again: (await getSession(req, sessions)).data.cart }))
}
