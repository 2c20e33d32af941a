import { memoryStore } from '@holdfast/core/memory'
import { serverNames } from '../servers/server-name.ts'
import { startServer } from '../servers/start-server.ts'
import { breakableStore } from '../shop/breakable-store.ts'
import type { Fleet } from './fleet.ts'

/** Three servers in this process, over one store in its memory. */
export async function inOneProcess(secret: string): Promise<Fleet> {
  const place = 'memory'
  const store = breakableStore(memoryStore())
  const servers = await Promise.all(serverNames.map((name) => startServer(name, { store, secret, place })))
  return {
    servers,
    place,
    crew: `Hono, Koa and Nest answer in turn, all in process ${process.pid}.`,
    async loseStore(duration) {
      store.breakFor(duration)
    },
    async close() {
      await Promise.all(servers.map((server) => server.close()))
    },
  }
}
