import type { AdapterHarness } from '@holdfast/core/testing'
import { Hono } from 'hono'
import { stream } from 'hono/streaming'
import { getSession, sessionMiddleware } from '../src/index.ts'
import { listen } from './serve-app.ts'

/** The application that `adapterContract` asks for, in Hono. */
export const serveContractApp: AdapterHarness['serve'] = async (sessions, answer) => {
  const app = new Hono().use(sessionMiddleware(sessions)).all('/contract/*', async (c) => {
    const { method, path } = c.req
    const { status, headers, body } = await answer({ method, path, getSession: async (options) => getSession(c, sessions, options) })
    c.status(status as 200)
    for (const [name, value] of headers) c.header(name, value, { append: true })
    if (body === undefined) return c.body(null)
    if (typeof body === 'string') return c.body(body)
    return stream(c, async (out) => {
      for await (const chunk of body) await out.write(chunk)
    })
  })
  return listen(app)
}
