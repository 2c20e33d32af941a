import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Server } from 'node:http'

/** What `AdapterHarness['serve']` answers, for an application that comes as a server of `node:http`. */
export async function listen(server: Server): Promise<{ url: string; close(): Promise<void> }> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}
