import type { Durability } from '../record/store.ts'

/** Declare once to type every session: `declare module '@holdfast/core' { interface SessionData { … } }`. */
export interface SessionData {}

/**
 * Why a session is what it is. Settled by `load`; does not change afterwards.
 *
 * - `live`: a record was found, and its deadlines have not passed.
 * - `new`: the browser sent no cookie of ours.
 * - `missing`: a good cookie, and no record: evicted, lost with a node, or idle for longer than the store keeps it.
 * - `expired`: a record, or the deadline signed into the cookie, proves that a timeout has passed.
 * - `ended`: signed out, or replaced by `regenerate`.
 * - `invalid`: the cookie's signature does not hold, or the record cannot be read.
 * - `unavailable`: the store did not answer, and `onUnavailable` gave a stand-in that cannot be saved: with `'stale'` what a copy says,
 *   `subject` and all.
 *
 * All others but `live` start with the initial data. An outage never looks like a sign-out.
 */
export type Outcome = 'live' | 'new' | 'missing' | 'expired' | 'ended' | 'invalid' | 'unavailable'

/**
 * One session as a unit of work: what is changed here is carried out by one write at the commit, which comes with the
 * answer's first byte, or with `save()`.
 *
 * @example
 * const session = await getSession(c)
 * session.data.theme = 'dark'
 * session.update((data) => { data.visits += 1 })
 */
export interface Session<Data extends object = SessionData> {
  /** The key of its record, base64url(SHA-256(token)): safe to log and to list. Never what the cookie holds. */
  readonly id: string
  /**
   * A plain object. What is changed in it, nested too, is found at the commit; requests that change different top-level keys
   * both survive.
   */
  data: Data
  /** Why it is what it is. */
  readonly outcome: Outcome
  /** Whose session this is, as `regenerate({ subject })` said. */
  readonly subject: string | undefined
  /** Unix ms: the last sign-in, or the start. The absolute timeout counts from here. */
  readonly createdAt: number
  /** Unix ms: when it ends if it is not used again. */
  readonly expiresAt: number
  /**
   * Changes `data` now, and again on the newer data when the commit meets a conflict: exact when two tabs race. The
   * function must be synchronous, and change nothing but `data`.
   */
  update<R>(change: (data: Data) => Synchronous<R>): void
  /**
   * A new token under the same data, from the commit on; the old one opens nothing any more. Call it at every sign-in and
   * change of rights (ASVS 7.2.4).
   */
  regenerate(options?: RegenerateOptions): void
  /** Ended, from the commit on. */
  destroy(): void
  /** Drops what is pending. */
  discard(): void
  /**
   * Commits now instead of with the answer: for WebSockets, jobs, to handle the error here, or to ask for another durability.
   * After one that failed, the next one or the answer's commit settles what it left: an `update` is never applied twice.
   *
   * @example
   * await session.save({ durability: { replicas: 1, withinTimeout: 500 } })
   * @throws `ERR_UNAVAILABLE`, `ERR_REFUSED`, `ERR_OUTCOME_UNKNOWN`, `ERR_NOT_DURABLE`, `ERR_CONFLICT`, `ERR_ENDED`, `ERR_DATA`, `ERR_TOO_LARGE`, `ERR_COMMITTED`
   */
  save(options?: SaveOptions): Promise<void>
}

/** How a `save` is carried out. */
export interface SaveOptions {
  /** Where the changes have to be before they count. Default as the manager was told. */
  readonly durability?: Durability | undefined
}

/** What a new token comes with. */
export interface RegenerateOptions {
  /** Whose session this is from now on. Given, it is a sign-in, and the absolute timeout starts again. */
  readonly subject?: string | undefined
  /**
   * Milliseconds the cookie outlives the browser, from a second to 400 days; without it, it ends with the browser. The
   * timeouts hold all the same.
   */
  readonly persistent?: number | undefined
}

/** What `update` accepts back: anything but a promise. */
export type Synchronous<R> =
  R extends PromiseLike<unknown> ? { error: 'update() runs its function again after a conflict: it must not be async' } : R
