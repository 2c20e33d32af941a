import { createAdaptorServer } from '@hono/node-server'
import type { Server } from 'node:http'
import { shop } from './app.ts'
import { breakableStore } from './breakable-store.ts'
import { listen } from './listen.ts'
import { onStop } from './on-stop.ts'
import { openStore } from './open-store.ts'
import { readSettings } from './settings.ts'
import { shopSessions } from './shop-sessions.ts'

try {
  await main()
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}

async function main(): Promise<void> {
  const { host, port: named, redisUrl, secret, secretIsRandom } = readSettings(process.env)
  const opened = await openStore(redisUrl)
  const store = breakableStore(opened.store)
  const sessions = shopSessions(store, secret)
  const server = createAdaptorServer({ fetch: shop({ sessions, store, place: opened.place }).fetch }) as Server
  const port = await listen(server, host, named)

  const lines = [`Holdfast demo on http://localhost:${port} with sessions in ${opened.place}`]
  if (named === undefined && port !== 3000) lines.push('Port 3000 is taken, so this is the next that is free. PORT names another one.')
  if (secretIsRandom) lines.push('SESSION_SECRET is not set: a random one signs the cookies, so sign-ins end with this process.')
  console.log(lines.join('\n'))
  sessions.ready().catch(() => console.error(`${opened.place} does not answer: pages that need a session are 503 until it does.`))

  // The server first, so that the last answers can still save their sessions.
  onStop(() => server.close(() => void sessions.close().then(() => process.exit())))
}
