import type { GetOptions, SessionStore, StoredRecord } from '../../record/store.ts'
import type { HedgeQueue, Waiting } from '../../waiting/hedge-queue.ts'
import { LazyGetOptions } from '../../waiting/lazy-options.ts'

/** What a fill tells, as it goes on. */
export interface FillEvents {
  /** The authority has answered. Answers what the read is answered with; undefined: it has to be asked again. */
  authority(record: StoredRecord | null): { readonly record: StoredRecord | null } | undefined
  /** Whether a copy's answer may be given, which is never kept. */
  mayServe(record: StoredRecord | null): boolean
}

/**
 * Asks the authority, since what a replica answers may be what it has not heard the end of. Where that is not answered soon, or fails, a
 * replica's answer is given all the same, so that a failover costs no read here either; the authority's is then still heard, and kept.
 */
export function fill(
  store: SessionStore,
  key: string,
  options: GetOptions | undefined,
  queue: HedgeQueue,
  events: FillEvents,
): Promise<StoredRecord | null> {
  const asked: GetOptions = options === undefined ? { fresh: true } : new LazyGetOptions(options, options.atLeast, true)
  if (store.answersFromCopies !== true || options?.fresh === true) return onlyAuthority(store, key, asked, events)
  return new Promise((resolve, reject) => new HedgedFill(store, key, options, asked, queue, events, resolve, reject).begin())
}

/** So many changes, each heard of while the answer was under way, are more than one session has. */
const mostQuestions = 4

async function onlyAuthority(store: SessionStore, key: string, asked: GetOptions, events: FillEvents): Promise<StoredRecord | null> {
  for (let question = 1; ; question++) {
    const record = (await store.get(key, asked)) ?? null
    const answer = events.authority(record)
    if (answer !== undefined) return answer.record
    // It was there after the question, so it is an answer; it is only not kept.
    if (question === mostQuestions) return record
  }
}

/** One read of a store with copies. A class, since one is made for every read that is not answered from here. */
class HedgedFill implements Waiting {
  /** The queue's. */
  since = 0
  readonly #store: SessionStore
  readonly #key: string
  readonly #options: GetOptions | undefined
  readonly #asked: GetOptions
  readonly #queue: HedgeQueue
  readonly #events: FillEvents
  readonly #resolve: (record: StoredRecord | null) => void
  readonly #reject: (error: unknown) => void
  #copies: 'unasked' | 'asked' | 'failed' = 'unasked'
  #failure: { readonly error: unknown } | undefined

  constructor(
    store: SessionStore,
    key: string,
    options: GetOptions | undefined,
    asked: GetOptions,
    queue: HedgeQueue,
    events: FillEvents,
    resolve: (record: StoredRecord | null) => void,
    reject: (error: unknown) => void,
  ) {
    this.#store = store
    this.#key = key
    this.#options = options
    this.#asked = asked
    this.#queue = queue
    this.#events = events
    this.#resolve = resolve
    this.#reject = reject
  }

  begin(): void {
    this.#queue.add(this)
    onlyAuthority(this.#store, this.#key, this.#asked, this.#events).then(
      (record) => {
        this.#queue.remove(this)
        this.#resolve(record)
      },
      (error: unknown) => {
        this.#queue.remove(this)
        this.#failure = { error }
        if (this.#copies === 'failed') this.#reject(error)
        else this.late()
      },
    )
  }

  late(): void {
    if (this.#copies !== 'unasked') return
    this.#copies = 'asked'
    void this.#askCopies()
  }

  async #askCopies(): Promise<void> {
    try {
      const record = (await this.#store.get(this.#key, this.#options)) ?? null
      if (this.#events.mayServe(record)) return this.#resolve(record)
    } catch {
      // The authority's failure is the one that is told.
    }
    this.#copies = 'failed'
    if (this.#failure !== undefined) this.#reject(this.#failure.error)
  }
}
