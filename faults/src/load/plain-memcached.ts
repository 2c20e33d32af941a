import { Client } from 'memjs'
import { halfAnHour, type PlainClient } from './plain-client.ts'

/** Sessions on memjs, by get, set and delete, at these `host:port`; with `failover`, the next server takes the place of one that fails. */
export function plainMemcached(addresses: readonly string[], failover = false): PlainClient {
  // It writes each error to the console, where the results are.
  const client = Client.create(addresses.join(','), { failover, logger: { log: () => {} } })
  return {
    get: async (key) => (await client.get(key)).value?.toString('utf8') ?? null,
    set: async (key, text, seconds = halfAnHour) => void (await client.set(key, text, { expires: seconds })),
    delete: async (key) => void (await client.delete(key)),
    close: () => client.close(),
  }
}
