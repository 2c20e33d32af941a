import { fileURLToPath } from 'node:url'
import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { getSession, sessionMiddleware } from '@holdfast/adapter-hono'
import { isSessionError, seconds, type SessionManager } from '@holdfast/core'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono, type Context } from 'hono'
import { csrf } from 'hono/csrf'
import { secureHeaders } from 'hono/secure-headers'
import type { BreakableStore } from './breakable-store.ts'
import { findItem } from './catalogue.ts'
import { cookieParts } from './cookie-parts.ts'
import { addOne, removeOne, type Shop } from './shop-sessions.ts'
import { homePage } from './views/home-page.ts'
import { messagePage } from './views/message-page.ts'
import { outagePage } from './views/outage-page.ts'

export interface ShopOptions {
  readonly sessions: SessionManager<Shop>
  readonly store: BreakableStore
  /** Where sessions live, in words. */
  readonly place: string
}

const folder = fileURLToPath(new URL('.', import.meta.url))
const longestName = 40

/** A small shop, and a look behind it. Everything works without JavaScript: forms, and redirects after them. */
export function shop({ sessions, store, place }: ShopOptions) {
  const app = new Hono()
    .use(secureHeaders({ contentSecurityPolicy, referrerPolicy: 'same-origin', strictTransportSecurity: false }), csrf())
    .use('/public/*', serveStatic({ root: folder }))
    .use(sessionMiddleware(sessions))

    .get('/', async (c) => c.html(await home(c)))

    .post('/sign-in', async (c) => {
      const { name } = await c.req.parseBody()
      const given = typeof name === 'string' ? name.trim() : ''
      if (given === '' || given.length > longestName) return c.html(await home(c, `A name takes 1 to ${longestName} characters.`), 422)
      const session = await getSession(c)
      session.data.name = given
      session.regenerate({ subject: given })
      return c.redirect('/', 303)
    })

    .post('/sign-out', async (c) => {
      const session = await getSession(c)
      session.destroy()
      return c.redirect('/', 303)
    })

    .post('/cart/:sku/add', async (c) => {
      const item = findItem(c.req.param('sku'))
      if (item === undefined) return c.notFound()
      const session = await getSession(c)
      session.update((data) => addOne(data, item.sku))
      return c.redirect('/', 303)
    })

    .post('/cart/:sku/remove', async (c) => {
      const item = findItem(c.req.param('sku'))
      if (item === undefined) return c.notFound()
      const session = await getSession(c)
      session.update((data) => removeOne(data, item.sku))
      return c.redirect('/', 303)
    })

    .post('/race/:sku', async (c) => {
      const item = findItem(c.req.param('sku'))
      if (item === undefined) return c.notFound()
      const session = await getSession(c)
      // The session is loaded; meanwhile a handler asks a database, and others are faster.
      await sleep(randomInt(5, 25))
      let runs = 0
      session.update((data) => {
        runs += 1
        addOne(data, item.sku)
      })
      await session.save()
      return c.json({ runs })
    })

    .post('/outage', (c) => {
      store.breakFor(seconds(5))
      return c.redirect('/', 303)
    })

  async function home(c: Context, nameError?: string) {
    const session = await getSession(c, sessions)
    // Only to show it: an application has no reason to look at its records.
    const record = session.outcome === 'live' ? await store.get(session.id, { signal: AbortSignal.timeout(200) }).catch(() => null) : null
    return homePage({ session, cookie: cookieParts(c), record, place, nameError })
  }

  app.notFound((c) => c.html(messagePage('There is nothing here', 'No page of the demo has this address.', place), 404))
  app.onError((error, c) => {
    if (isSessionError(error) && error.status === 503)
      return c.html(outagePage(place), 503, { ...error.headers, 'Cache-Control': 'no-store' })
    if ('getResponse' in error) return error.getResponse()
    console.error(error)
    return c.html(messagePage('Something went wrong', 'The terminal says what.', place), 500)
  })
  return app
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
