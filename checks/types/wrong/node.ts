// What the wrapper for node:http refuses.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { attachSession, getSession, sessionMiddleware } from '@holdfast/core/node'
import express from 'express'
import { sessions, type Data } from '../right/sessions.ts'

const app = express().use(sessionMiddleware(sessions))

app.get('/', async (req, res) => {
  res.json((await getSession(req)).data.cart) // error TS2339: Property 'cart' does not exist on type 'SessionData'.
  res.json((await getSession(req, sessions)).data.basket) // error TS2339: Property 'basket' does not exist on type 'Data'.
  res.json(await getSession<Data>(req)) // error TS2554: Expected 2-3 arguments, but got 1.
  res.json(await getSession(new Request('http://localhost'), sessions)) // error TS2769: is not assignable to parameter of type 'IncomingMessage'.
})

export function serve(req: IncomingMessage, res: ServerResponse): void {
  attachSession(req, res) // error TS2554: Expected 3-4 arguments, but got 2.
  attachSession(sessions, req, res, { eager: true }) // error TS2353: 'eager' does not exist in type 'AttachOptions'.
}

sessionMiddleware(sessions, { secure: 'always' }) // error TS2322: Type 'string' is not assignable
