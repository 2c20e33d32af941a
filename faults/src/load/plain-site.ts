import { randomUUID } from 'node:crypto'
import type { Cluster, Redis } from 'ioredis'
import type { Found, Site, Visitor } from './site.ts'

/** A client as applications make one, with the defaults of ioredis but for where the servers are. */
export type PlainClient = Redis | Cluster

/** Milliseconds after which an application's user has gone: ioredis itself sets no limit. */
export const patience = 2_000

/** What the session is to an application without a library: one key with JSON in it. */
interface Value {
  version: number
  changes: number[]
}

/** An application that keeps its sessions by GET and SET: read, change, write, and DEL to sign out. */
export function plainSite(makeClient: () => PlainClient): Site {
  const client = listened(makeClient())
  const readFailures = new WeakSet<object>()
  let another: PlainClient | undefined

  function visitor(): Visitor {
    const key = `plain:${randomUUID()}`

    async function get(from: PlainClient): Promise<Value | undefined> {
      try {
        const text = await from.get(key)
        return text === null ? undefined : (JSON.parse(text) as Value)
      } catch (error) {
        readFailures.add(error as object)
        throw error
      }
    }
    const read = async (from: PlainClient): Promise<Found> => {
      const value = await get(from)
      return { outcome: value === undefined ? 'missing' : 'live', changes: value?.changes ?? [] }
    }
    const set = async (value: Value): Promise<void> => void (await client.set(key, JSON.stringify(value), 'EX', 1_800))

    return {
      key,
      arrive: () => set({ version: 1, changes: [] }),
      read: () => read(client),
      change: (number) =>
        get(client).then((value) => set({ version: (value?.version ?? 0) + 1, changes: [...(value?.changes ?? []), number] })),
      signOut: () => client.del(key).then(() => {}),
      copy: () => () => read(client),
      // A client of its own, since the first one may hang for good.
      check: () => read((another ??= listened(makeClient()))),
    }
  }

  return {
    visitor,
    deadline: patience,
    patience,
    nameOf: (error) => (error instanceof Error ? error.name : typeof error),
    failureOf: (error) => (readFailures.has(error as object) ? 'not-made' : 'unknown'),
    isReadFailure: (error) => readFailures.has(error as object),
    async close() {
      client.disconnect()
      another?.disconnect()
    },
  }
}

// Without a listener ioredis writes each error to the console.
function listened(client: PlainClient): PlainClient {
  return client.on('error', () => {}) as PlainClient
}
