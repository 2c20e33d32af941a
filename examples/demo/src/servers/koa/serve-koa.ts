import { createServer, type Server } from 'node:http'
import { getSession, sessionMiddleware, type SessionContext } from '@holdfast/adapter-koa'
import type { SessionManager } from '@holdfast/core'
import { bodyParser } from '@koa/bodyparser'
import { Router, type RouterContext } from '@koa/router'
import Koa, { type Context, type DefaultState, type Next } from 'koa'
import { isSold } from '../../shop/catalogue.ts'
import { nameFrom } from '../../shop/name-from.ts'
import { race } from '../../shop/race.ts'
import { addOne, removeOne, welcome, type Shop } from '../../shop/shop.ts'
import type { ShopPages } from '../../views/shop-pages.ts'

const by = 'Koa'

/** The shop on Koa. */
export function serveKoa(sessions: SessionManager<Shop>, pages: ShopPages): Server {
  const router = new Router<DefaultState, SessionContext<Shop>>()
    .get('/', async (ctx) => {
      ctx.body = await pages.home(await getSession(ctx), ctx.get('cookie'))
    })

    .get('/versions', async (ctx) => {
      ctx.body = await pages.versions(await getSession(ctx))
    })

    .post('/sign-in', async (ctx) => {
      const name = nameFrom((ctx.request.body as { name?: unknown } | undefined)?.name)
      const session = await getSession(ctx)
      if (name === undefined) {
        ctx.status = 422
        ctx.body = await pages.home(session, ctx.get('cookie'), { nameRefused: true })
        return
      }
      session.update((data) => welcome(data, name, by))
      session.regenerate({ subject: name })
      seeOther(ctx)
    })

    .post('/sign-out', async (ctx) => {
      const session = await getSession(ctx)
      session.destroy()
      seeOther(ctx)
    })

    .post('/cart/:sku/add', async (ctx) => {
      const sku = skuOf(ctx)
      const session = await getSession(ctx)
      session.update((data) => addOne(data, sku, by))
      seeOther(ctx)
    })

    .post('/cart/:sku/remove', async (ctx) => {
      const sku = skuOf(ctx)
      const session = await getSession(ctx)
      session.update((data) => removeOne(data, sku, by))
      seeOther(ctx)
    })

    .post('/race/:sku', async (ctx) => {
      const sku = skuOf(ctx)
      ctx.body = await race(await getSession(ctx), sku, by)
    })

  const app = new Koa()
    .use(errorPages)
    .use(sessionMiddleware(sessions))
    .use(bodyParser())
    .use(router.routes())
    .use((ctx) => ctx.throw(404))

  async function errorPages(ctx: Context, next: Next): Promise<void> {
    try {
      await next()
    } catch (error) {
      const { status, headers, page } = pages.error(error)
      ctx.status = status
      ctx.set(headers)
      ctx.body = page
    }
  }

  const answer = app.callback()
  return createServer((req, res) => void answer(req, res))
}

function skuOf(ctx: Pick<RouterContext, 'params' | 'throw'>): string {
  const { sku = '' } = ctx.params
  if (!isSold(sku)) ctx.throw(404)
  return sku
}

function seeOther(ctx: Pick<Context, 'redirect' | 'status'>): void {
  ctx.status = 303
  ctx.redirect('/')
}
