import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SessionManager, SessionStore } from '@holdfast/core'
import { shopSessions } from '../shop/shop-sessions.ts'
import type { Shop } from '../shop/shop.ts'
import { shopPages, type ShopPages } from '../views/shop-pages.ts'
import type { ServerName } from './server-name.ts'

export interface ServerOptions {
  readonly store: SessionStore
  readonly secret: string
  /** Where sessions live, in words. */
  readonly place: string
}

/** One of the three, on a port of its own that only this machine reaches. */
export interface RunningServer {
  readonly name: ServerName
  readonly origin: string
  readonly sessions: SessionManager<Shop>
  /** Lets the answers under way end, and save their sessions. */
  close(): Promise<void>
}

type Serve = (sessions: SessionManager<Shop>, pages: ShopPages) => Server | Promise<Server>

// A process loads the framework that it runs, and no other.
const frameworks: Readonly<Record<ServerName, () => Promise<Serve>>> = {
  Hono: async () => (await import('./hono/serve-hono.ts')).serveHono,
  Koa: async () => (await import('./koa/serve-koa.ts')).serveKoa,
  Nest: async () => (await import('./nest/serve-nest.ts')).serveNest,
}

export async function startServer(name: ServerName, { store, secret, place }: ServerOptions): Promise<RunningServer> {
  const sessions = shopSessions(store, secret)
  const serve = await frameworks[name]()
  const server = await serve(sessions, shopPages({ by: name, store, place }))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  async function close(): Promise<void> {
    server.close()
    await once(server, 'close')
    await sessions.close()
  }
  return { name, origin: `http://127.0.0.1:${port}`, sessions, close }
}
