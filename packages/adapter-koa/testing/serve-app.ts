import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { browser, type Browser } from '@holdfast/test-shop'
import { onTestFinished } from 'vitest'

/** Serves an application on a free port until the test has finished; answers a browser that visits it. */
export async function serveApp(app: { callback(): Parameters<typeof createServer>[1] & {} }): Promise<Browser> {
  const server = createServer(app.callback())
  return browser(`http://127.0.0.1:${await listen(server, () => server.closeAllConnections())}`)
}

/** Has a server listen until the test has finished; answers its port. */
export async function listen(server: Pick<Server, 'listen' | 'address' | 'close' | 'once'>, cutOff: () => void): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server as Server, 'listening')
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    cutOff()
    await closed
  })
  return (server.address() as AddressInfo).port
}
