import { randomUUID } from 'node:crypto'
import type { PlainClient } from './plain-client.ts'
import type { Found, Site, Visitor } from './site.ts'

/** Milliseconds after which an application's user has gone: ioredis itself sets no limit, and memjs has some that never fire. */
export const patience = 2_000

/** What the session is to an application without a library: one key with JSON in it. */
interface Value {
  version: number
  changes: number[]
}

/** An application that keeps its sessions by get and set: read, change, write, and delete to sign out. */
export function plainSite(makeClient: () => PlainClient): Site {
  const client = makeClient()
  const readFailures = new WeakSet<object>()
  let another: PlainClient | undefined

  async function get(key: string, from: PlainClient): Promise<Value | undefined> {
    try {
      const text = await from.get(key)
      return text === null ? undefined : (JSON.parse(text) as Value)
    } catch (error) {
      readFailures.add(error as object)
      throw error
    }
  }
  async function read(key: string, from = client): Promise<Found> {
    const value = await get(key, from)
    return { outcome: value === undefined ? 'missing' : 'live', changes: value?.changes ?? [] }
  }

  function visitor(): Visitor {
    const key = `plain:${randomUUID()}`
    const set = (value: Value): Promise<void> => client.set(key, JSON.stringify(value))
    return {
      key,
      cookies: key,
      arrive: () => set({ version: 1, changes: [] }),
      read: () => read(key),
      change: (number) =>
        get(key, client).then((value) => set({ version: (value?.version ?? 0) + 1, changes: [...(value?.changes ?? []), number] })),
      signOut: () => client.delete(key),
      copy: () => () => read(key),
      // A client of its own, since the first one may hang for good.
      check: () => read(key, (another ??= makeClient())),
    }
  }

  return {
    visitor,
    present: (key) => read(key),
    deadline: patience,
    patience,
    nameOf: (error) => (error instanceof Error ? error.name : typeof error),
    failureOf: (error) => (readFailures.has(error as object) ? 'not-made' : 'unknown'),
    isReadFailure: (error) => readFailures.has(error as object),
    async close() {
      client.close()
      another?.close()
    },
  }
}
