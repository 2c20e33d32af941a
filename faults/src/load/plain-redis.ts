import type { Cluster, Redis } from 'ioredis'
import { halfAnHour, type PlainClient } from './plain-client.ts'

/** Sessions on ioredis, by GET, SET and DEL. */
export function plainRedis(client: Redis | Cluster): PlainClient {
  // Without a listener ioredis writes each error to the console.
  client.on('error', () => {})
  return {
    get: (key) => client.get(key),
    set: async (key, text, seconds = halfAnHour) => void (await client.set(key, text, 'EX', seconds)),
    delete: async (key) => void (await client.del(key)),
    close: () => client.disconnect(),
  }
}
