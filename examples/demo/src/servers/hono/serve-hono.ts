import type { Server } from 'node:http'
import { getSession, sessionMiddleware } from '@holdfast/adapter-hono'
import type { SessionManager } from '@holdfast/core'
import { createAdaptorServer } from '@hono/node-server'
import { Hono, type Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { isSold } from '../../shop/catalogue.ts'
import { nameFrom } from '../../shop/name-from.ts'
import { race } from '../../shop/race.ts'
import { addOne, removeOne, welcome, type Shop } from '../../shop/shop.ts'
import type { ShopPages } from '../../views/shop-pages.ts'

const by = 'Hono'

/** The shop on Hono. */
export function serveHono(sessions: SessionManager<Shop>, pages: ShopPages): Server {
  const app = new Hono()
    .use(sessionMiddleware(sessions))

    .get('/', async (c) => c.html(await pages.home(await getSession(c), c.req.header('cookie'))))

    .get('/versions', async (c) => c.json(await pages.versions(await getSession(c))))

    .post('/sign-in', async (c) => {
      const name = nameFrom((await c.req.parseBody()).name)
      const session = await getSession(c)
      if (name === undefined) return c.html(await pages.home(session, c.req.header('cookie'), { nameRefused: true }), 422)
      session.update((data) => welcome(data, name, by))
      session.regenerate({ subject: name })
      return c.redirect('/', 303)
    })

    .post('/sign-out', async (c) => {
      const session = await getSession(c)
      session.destroy()
      return c.redirect('/', 303)
    })

    .post('/cart/:sku/add', async (c) => {
      const sku = c.req.param('sku')
      if (!isSold(sku)) return c.notFound()
      const session = await getSession(c)
      session.update((data) => addOne(data, sku, by))
      return c.redirect('/', 303)
    })

    .post('/cart/:sku/remove', async (c) => {
      const sku = c.req.param('sku')
      if (!isSold(sku)) return c.notFound()
      const session = await getSession(c)
      session.update((data) => removeOne(data, sku, by))
      return c.redirect('/', 303)
    })

    .post('/race/:sku', async (c) => {
      const sku = c.req.param('sku')
      if (!isSold(sku)) return c.notFound()
      return c.json(await race(await getSession(c), sku, by))
    })

    .notFound((c) => errorPage({ status: 404 }, c))
    .onError(errorPage)

  function errorPage(error: unknown, c: Context): Response | Promise<Response> {
    const { status, headers, page } = pages.error(error)
    return c.html(page, status as ContentfulStatusCode, headers)
  }

  return createAdaptorServer(app) as Server
}
