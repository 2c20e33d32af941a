import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server that listens. */
export interface Listening {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** Cuts what is open, and resolves when the port is free. */
  close(): Promise<void>
}

/**
 * Has a server of `node:http` listen on a free port of 127.0.0.1.
 *
 * @example
 * const { url, close } = await listen(createServer(app))
 */
export async function listen(server: Server): Promise<Listening> {
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
