import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { onTestFinished } from 'vitest'

type AppOptions = Omit<Parameters<typeof createAdaptorServer>[0], 'createServer' | 'serverOptions'>

/** Serves an application on a free port. */
async function listen(options: AppOptions): Promise<{ url: string; close(): Promise<void> }> {
  const server = createAdaptorServer(options)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      if ('closeAllConnections' in server) server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

/** Serves an application on a free port until the test has finished; answers its origin. */
export async function serveApp(options: AppOptions): Promise<string> {
  const { url, close } = await listen(options)
  onTestFinished(close)
  return url
}
