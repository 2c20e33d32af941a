import type { Durability, GetOptions, PutOptions, StoreOptions } from '../record/store.ts'

// Classes, since an object with a getter of its own takes ten times as long to make, for every call of a store; and a signal that nobody
// reads is never made.

/** The options of a `get` that is bounded by `withDeadline`, or that a wrapper passes on changed. */
export class LazyGetOptions implements GetOptions {
  readonly atLeast: string | undefined
  readonly fresh: boolean | undefined
  readonly #lazy: StoreOptions

  constructor(lazy: StoreOptions, atLeast: string | undefined, fresh: boolean | undefined) {
    this.#lazy = lazy
    this.atLeast = atLeast
    this.fresh = fresh
  }

  get signal(): AbortSignal | undefined {
    return this.#lazy.signal
  }
}

/** The options of a `put` that is bounded by `withDeadline`. */
export class LazyPutOptions implements PutOptions {
  readonly expected: string | null
  readonly durability: Durability | undefined
  readonly #lazy: StoreOptions

  constructor(lazy: StoreOptions, expected: string | null, durability?: Durability) {
    this.#lazy = lazy
    this.expected = expected
    this.durability = durability
  }

  get signal(): AbortSignal | undefined {
    return this.#lazy.signal
  }
}
