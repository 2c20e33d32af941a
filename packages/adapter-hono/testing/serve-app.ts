import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { listen } from '@holdfast/testbed'
import { onTestFinished } from 'vitest'

type AppOptions = Omit<Parameters<typeof createAdaptorServer>[0], 'createServer' | 'serverOptions'>

/** Serves an application on a free port until the test has finished; answers its origin. */
export async function serveApp(options: AppOptions): Promise<string> {
  const { url, close } = await listen(createAdaptorServer(options) as Server)
  onTestFinished(close)
  return url
}
