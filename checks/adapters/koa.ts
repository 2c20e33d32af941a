import { getSession, sessionMiddleware } from '@holdfast/adapter-koa'
import type { AdapterHarness } from '@holdfast/core/testing'
import { listen } from '@holdfast/testbed'
import Koa3 from 'koa'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'

/** On this version of Koa. */
export function koaServe(Koa: typeof Koa3): AdapterHarness['serve'] {
  return async (sessions, answer) => {
    const app = new Koa().use(sessionMiddleware(sessions))
    app.silent = true
    app.use(async (ctx) => {
      const { method, path } = ctx
      if (!path.startsWith('/contract/')) return
      const { status, headers, body } = await answer({ method, path, getSession: (options) => getSession(ctx, sessions, options) })
      for (const [name, value] of headers) ctx.append(name, value)
      ctx.body = typeof body === 'object' ? Readable.from(body) : (body ?? null)
      // Last, since a body sets a status too.
      ctx.status = status
    })
    const handle = app.callback()
    return listen(createServer((req, res) => void handle(req, res)))
  }
}

export const koa = koaServe(Koa3)
