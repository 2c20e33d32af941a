import type { RequestListener } from 'node:http'

/** One request's session, as the routes of the comparison see it, whatever library holds it. */
export interface Visit {
  readonly data: Record<string, unknown>
  /** Changes the data in the way that the library's own pages show for a counter. */
  change(change: (data: Record<string, unknown>) => void): void | Promise<void>
  /** A sign-in: the change under a new session id, where the library can give one. */
  signIn(change: (data: Record<string, unknown>) => void): void | Promise<void>
  signOut(): void | Promise<void>
}

/** What a subject answers each request with: path and session in, JSON out. */
export type Route = (path: string, visit: Visit) => Promise<unknown>

/** One library in one setup. */
export interface Subject {
  /** Heads its column. */
  readonly name: string
  /** The packages of bench/peers that it consists of. */
  readonly packages: readonly string[]
  /** What a reader has to know to repeat it. */
  readonly setup: string
  /** Whether it keeps sessions in a store; if not, they are in the cookie. */
  readonly hasStore: boolean
  /**
   * Connects to this Redis, and answers every request by `route`.
   * @param limit milliseconds that the Redis client is told to wait for an answer at most; undefined: as the library's pages have it
   */
  start(redisUrl: string, route: Route, limit?: number): Promise<{ readonly listener: RequestListener; close(): unknown }>
}
