import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { inOneProcess } from './fleet/in-one-process.ts'
import { inThreeProcesses } from './fleet/in-three-processes.ts'
import { frontDoor } from './front-door/front-door.ts'
import { listen } from './front-door/listen.ts'
import { onStop } from './on-stop.ts'
import { readSettings } from './settings.ts'

try {
  await main()
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}

async function main(): Promise<void> {
  const { host, port: named, redisUrl, secret, secretIsRandom } = readSettings(process.env)
  const fleet = redisUrl === undefined ? await inOneProcess(secret) : await inThreeProcesses(redisUrl, secret)
  const server = createAdaptorServer(frontDoor(fleet)) as Server
  const port = await listen(server, host, named)

  const lines = [`Holdfast demo on http://localhost:${port} with sessions in ${fleet.place}`, fleet.crew]
  if (named === undefined && port !== 3000) lines.push('Port 3000 is taken, so this is the next that is free. PORT names another one.')
  if (secretIsRandom) lines.push('SESSION_SECRET is not set: a random one signs the cookies, so sign-ins end with this demo.')
  if (!/^(?:127\.|localhost$|::1$)/.test(host))
    lines.push('Browsers keep its Secure cookie on this machine alone, since it speaks plain HTTP.')
  console.log(lines.join('\n'))

  // The front door first, so that the last answers can still save their sessions.
  onStop(() => server.close(() => void fleet.close().then(() => process.exit())))
}
