import { getSession, sessionMiddleware } from '@holdfast/adapter-hono'
import type { AdapterHarness } from '@holdfast/core/testing'
import { listen } from '@holdfast/testbed'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { stream } from 'hono/streaming'
import type { Server } from 'node:http'

export const hono: AdapterHarness['serve'] = async (sessions, answer) => {
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
  return listen(createAdaptorServer(app) as Server)
}
