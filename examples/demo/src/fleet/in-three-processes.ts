import { serverNames } from '../servers/server-name.ts'
import type { Fleet } from './fleet.ts'
import { placeOf } from './place-of.ts'
import { superviseServer } from './supervise-server.ts'

/** A process for each server, with a connection of its own to one Redis; they share that, and the secret. */
export async function inThreeProcesses(redisUrl: string, secret: string): Promise<Fleet> {
  const place = placeOf(redisUrl)
  // By the environment: everybody on this machine can read arguments.
  const env = { ...process.env, REDIS_URL: redisUrl, SESSION_SECRET: secret }
  let hasToldOfSilence = false
  const onSilentStore = (): void => {
    if (hasToldOfSilence) return
    hasToldOfSilence = true
    console.error(`${place} does not answer: pages that need a session are 503 until it does.`)
  }
  const servers = await Promise.all(serverNames.map((name) => superviseServer(name, env, onSilentStore)))
  const [hono, koa, nest] = servers.map(({ name, pid }) => `${name} (process ${pid})`)
  return {
    servers,
    place,
    crew: `${hono}, ${koa} and ${nest} answer in turn.`,
    async loseStore(duration) {
      await Promise.all(servers.map((server) => server.loseStore(duration)))
    },
    async close() {
      await Promise.all(servers.map((server) => server.close()))
    },
  }
}
