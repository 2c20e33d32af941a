import { fileURLToPath } from 'node:url'
import { seconds } from '@holdfast/core'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { csrf } from 'hono/csrf'
import { proxy } from 'hono/proxy'
import { secureHeaders } from 'hono/secure-headers'
import type { Fleet } from '../fleet/fleet.ts'
import { gonePage } from '../views/gone-page.ts'
import { inTurn } from './in-turn.ts'

const sources = fileURLToPath(new URL('..', import.meta.url))

/**
 * The one address. Serves what is the same for everybody, refuses forms of other sites, and passes every other request on to
 * the next server, whoever had the visitor's last one. It never looks at a session.
 */
export function frontDoor(fleet: Fleet): Hono {
  const nextServer = inTurn(fleet.servers)
  return new Hono()
    .use(secureHeaders({ contentSecurityPolicy, referrerPolicy: 'same-origin', strictTransportSecurity: false }), csrf())
    .use('/public/*', serveStatic({ root: sources }))

    .post('/outage', async (c) => {
      await fleet.loseStore(seconds(5))
      return c.redirect('/', 303)
    })

    .all('*', async (c) => {
      const server = nextServer()
      if (server?.origin === undefined) return c.html(gonePage(), 503, { 'Retry-After': '1' })
      const { pathname, search } = new URL(c.req.url)
      try {
        return await proxy(`${server.origin}${pathname}${search}`, { raw: c.req.raw, redirect: 'manual' })
      } catch {
        // Not tried on another one: this one may have carried it out.
        return c.html(gonePage(server.name), 503, { 'Retry-After': '1' })
      }
    })
}

const contentSecurityPolicy = {
  defaultSrc: ["'none'"],
  styleSrc: ["'self'"],
  scriptSrc: ["'self'"],
  imgSrc: ["'self'"],
  connectSrc: ["'self'"],
  formAction: ["'self'"],
  baseUri: ["'none'"],
  frameAncestors: ["'none'"],
}
