import { Client } from 'memjs'
import { halfAnHour, type PlainClient } from './plain-client.ts'

/** Sessions on memjs, by get, set and delete; `a:1,b:2` says where. */
export function plainMemcached(addresses: string): PlainClient {
  // It writes each error to the console, where the results are.
  const client = Client.create(addresses, { logger: { log: () => {} } })
  return {
    get: async (key) => (await client.get(key)).value?.toString('utf8') ?? null,
    set: async (key, text, seconds = halfAnHour) => void (await client.set(key, text, { expires: seconds })),
    delete: async (key) => void (await client.delete(key)),
    close: () => client.close(),
  }
}
