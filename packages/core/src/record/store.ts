/** One session as a store keeps it. */
export interface StoredRecord {
  /** Sorts: of two, the greater is the newer, on every node and without a clock. Equal strings are the same write. */
  readonly version: string
  /** Unix time in milliseconds. Past it the record is no more. */
  readonly expiresAt: number
  /** Opaque to the store. Empty: the session was *ended*, and this record keeps it from coming back. */
  readonly value: Uint8Array
  /**
   * Where a store keeps the value in this process: the same object in every record that it gives of it. What was read from the value is then
   * kept beside it, for as long as the store has it, and the value not asked for again.
   */
  readonly origin?: object | undefined
}

/** What became of a `put`: stored, or not, and then what is there instead. */
export type PutResult = { readonly stored: true } | { readonly stored: false; readonly current: StoredRecord | null }

/** What every call to a store may be given. */
export interface StoreOptions {
  /** Aborted when the caller has stopped waiting. The store may then reject at once, and must not hold anything back for the call. */
  readonly signal?: AbortSignal | undefined
}

/** How fresh an answer has to be. */
export interface GetOptions extends StoreOptions {
  /** The oldest version that is an answer: a copy that has less, or nothing, asks the authority. */
  readonly atLeast?: string | undefined
  /** Past every cache and replica. */
  readonly fresh?: boolean | undefined
}

/**
 * Where a change has to be before it counts.
 *
 * - `'primary'`: the server that takes changes has acknowledged it. If that server is replaced before a replica has heard of
 *   the change, it is lost.
 * - `'replicated'`: one replica has it too, while the store has one that keeps up; the others that do are waited for, for a moment.
 *   Where there is none (`memoryStore`, one Redis, all replicas away) it is as `'primary'`. `ERR_NOT_DURABLE` only while none confirms
 *   that the primary takes to be there.
 * - `{ replicas, withinTimeout }`: so many replicas have it too, within so many milliseconds; else `ERR_NOT_DURABLE`, also
 *   where the store has none.
 */
export type Durability = 'primary' | 'replicated' | { readonly replicas: number; readonly withinTimeout: number }

/** What has to be there, and how safe the change has to be. */
export interface PutOptions extends StoreOptions {
  /** The version that must be there; null: none may be. */
  readonly expected: string | null
  /**
   * Default `'primary'`. `'replicated'` is taken by every store. A number of replicas that a store cannot give, or that did not
   * confirm in time, is `ERR_NOT_DURABLE`: the change may then stand at the primary, and the same put sent again settles it.
   */
  readonly durability?: Durability | undefined
}

/** What closing a store may be given. */
export interface CloseOptions {
  /** Milliseconds that it may take to copy what is only here yet to where it belongs. Default 5 s. */
  readonly within?: number | undefined
}

/**
 * What a store tells whoever listens: a record of this version was stored under the key, by whomever. `'lost'`: from now on, or until now,
 * such news may have been missed, so that whatever was known is to be asked for anew.
 */
export type StoreChange = { readonly key: string; readonly version: string } | 'lost'

/**
 * What a store has to do: all that a session handler of your own must implement.
 *
 * Keys are `base64url(SHA-256(token))`: 43 characters of `A-Z a-z 0-9 - _`. Nothing that a client sends
 * reaches a store, and a stolen store holds nothing that opens a session.
 *
 * Every method rejects only when the store cannot answer: *missing* and *unavailable* are different facts, and the
 * one must never be given for the other, or an outage would sign people out. The caller sets the deadline and stops
 * waiting by itself; `signal` tells a store when.
 *
 * Run `storeContract` of `@holdfast/core/testing` against yours: it checks every sentence here.
 */
export interface SessionStore {
  /**
   * Whether `get` may answer from a copy that is behind (a replica, a cache). The session's version then travels in
   * a second cookie, so that nobody reads older than what they last wrote. Default false.
   */
  readonly answersFromCopies?: boolean | undefined
  /** The live or ended record; null when there is none, or when its deadline has passed. */
  get(key: string, options?: GetOptions): Promise<StoredRecord | null>
  /**
   * Stores the record only if the one there has version `expected` (null: only if there is none). On a mismatch
   * nothing changes, and the answer carries what is there. Sending the same put twice is the same as once: a record
   * that is already there with this very version is `stored`. That is how an unknown outcome is settled.
   */
  put(key: string, record: StoredRecord, options: PutOptions): Promise<PutResult>
  /** Moves the deadline later, never earlier; never the value or the version. False when there is no live record: none, or an ended one. */
  touch(key: string, expiresAt: number, options?: StoreOptions): Promise<boolean>
  /** For keys that never held a session: a session is ended by a `put`. Deleting what is not there is a success. */
  delete(key: string, options?: StoreOptions): Promise<void>
  /** Where the store can tell what is changed, also by other processes. Answers how to stop. */
  onChange?(listener: (change: StoreChange) => void): () => void
  /**
   * Where the store keeps copies in this process: the record, at once and by no promise, where a copy is an answer for `atLeast`; undefined
   * where somebody has to be asked, which `get` does. Asked before `get`, so a wrapper that changes what `get` answers wraps this too, or leaves
   * it out. `atLeast` is here what the client claims, unproven: nothing else may be concluded from it.
   */
  getLocal?(key: string, options?: Pick<GetOptions, 'atLeast'>): StoredRecord | undefined
  /**
   * Where the store keeps copies: the newest that it has, of bounded age and no older than `atLeast`; null where it has none. Asks nobody,
   * for while nobody can be asked (`onUnavailable: 'stale'`).
   */
  getStale?(key: string, options?: Pick<GetOptions, 'atLeast'>): Promise<StoredRecord | null>
  /**
   * Lets go of connections and timers. Calls after it reject. A store that keeps changes back copies them first: it rejects with
   * `ERR_UNAVAILABLE` where that could not be done in time, and has then let go all the same.
   */
  close?(options?: CloseOptions): Promise<void>
}

/**
 * Whether a record says that its session was ended, for stores and wrappers of your own.
 *
 * @example
 * const isLive = record !== null && !isEnded(record)
 */
export function isEnded(record: StoredRecord): boolean {
  return record.value.byteLength === 0
}
