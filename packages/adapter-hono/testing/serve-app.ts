import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { onTestFinished } from 'vitest'

/** Serves an application on a free port until the test has finished; answers its origin. */
export async function serveApp(
  options: Omit<Parameters<typeof createAdaptorServer>[0], 'createServer' | 'serverOptions'>,
): Promise<string> {
  const server = createAdaptorServer(options)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
