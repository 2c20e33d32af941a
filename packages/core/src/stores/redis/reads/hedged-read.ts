import { publish } from '../../../events.ts'
import type { GetOptions, StoredRecord } from '../../../record/store.ts'
import type { RedisNode } from '../node/redis-node.ts'
import type { HedgeBudget } from './hedge-budget.ts'
import type { HedgeQueue, Waiting } from '../../../waiting/hedge-queue.ts'

/** Why another server is asked than the one before. */
type Because = 'slow' | 'silent' | 'down'

/** What all reads of a store share. */
export interface HedgedReadParts {
  readonly budget: HedgeBudget
  readonly queue: HedgeQueue
  /**
   * The replicas of this primary that may be asked, those that are likelier to answer first; also those that have long not heard of it,
   * where it is down.
   */
  copies(key: string, primary: RedisNode | undefined, isPrimaryDown: boolean): RedisNode[]
  /** Asks a replica; rejects when it does not answer. */
  askCopy(node: RedisNode, key: string): Promise<StoredRecord | null>
  /** Asks the primary, and waits for one while there is none and the answer is wanted: its answer is the answer. */
  askPrimary(key: string, options: GetOptions | undefined, isOver: () => boolean): Promise<StoredRecord | null>
}

/**
 * One read. The servers that may have the record are asked one after the other, each when the one before has not answered in time or has
 * nothing that counts. The primary's answer always counts, a replica's only if it is as new as asked for; that it has none never does.
 *
 * A class, since one is made for every read.
 */
export class HedgedRead implements Waiting {
  /** The queue's. */
  since = 0
  readonly #parts: HedgedReadParts
  readonly #key: string
  readonly #options: GetOptions | undefined
  readonly #primary: RedisNode | undefined
  readonly #resolve: (record: StoredRecord | null) => void
  readonly #reject: (error: unknown) => void
  /** Those that are left to ask. */
  #sources: (RedisNode | 'primary')[] | undefined
  /** The one that was asked last, and how many answers it had given then. */
  #asked: RedisNode | undefined
  #answersBefore = 0
  #pending = 0
  #pendingCopies = 0
  #hasCopyAnswered = false
  #isSettled = false
  #failure: unknown

  constructor(
    parts: HedgedReadParts,
    key: string,
    options: GetOptions | undefined,
    primary: RedisNode | undefined,
    resolve: (record: StoredRecord | null) => void,
    reject: (error: unknown) => void,
  ) {
    this.#parts = parts
    this.#key = key
    this.#options = options
    this.#primary = primary
    this.#resolve = resolve
    this.#reject = reject
  }

  /** Asks the primary first, and a replica beside it where that takes long. */
  begin(): void {
    this.#ask('primary')
    this.#parts.queue.add(this)
  }

  /** Asks a replica first; next the primary while that answers, or last, since it has to be waited for. */
  beginElsewhere(problem: Because | undefined): void {
    const able = this.#copies()
    this.#sources = problem === undefined ? [...able.slice(0, 1), 'primary', ...able.slice(1)] : [...able, 'primary']
    this.#asked = this.#primary
    this.#askNext(able.length > 0 ? problem : undefined)
    this.#parts.queue.add(this)
  }

  late(): void {
    if (this.#isSettled) return
    const link = this.#asked?.link
    const isSilent = link?.replies.answers === this.#answersBefore
    // Until it answers promptly, which is tried now and then, it is not asked first.
    if (link !== undefined) link.replies.isSuspect = true
    const because = link === undefined || !link.isReady ? 'down' : isSilent ? 'silent' : 'slow'
    // Replicas that are told of a new primary cut their connections, and are there again a moment later.
    const mayBeThereAgain = because === 'down' && !this.#hasCopyAnswered && this.#pendingCopies === 0
    if (mayBeThereAgain && this.#sources?.length === 0) this.#sources = this.#copies()
    if (because === 'down' || this.#parts.budget.spend()) this.#askNext(because)
    if (because === 'down' || (this.#sources?.length ?? 0) > 0) this.#parts.queue.add(this)
  }

  #ask(source: RedisNode | 'primary'): void {
    this.#pending += 1
    this.#asked = source === 'primary' ? this.#primary : source
    this.#answersBefore = this.#asked?.link.replies.answers ?? 0
    if (source === 'primary') {
      this.#parts
        .askPrimary(this.#key, this.#options, () => this.#isSettled)
        .then(
          (record) => this.#answered(record),
          (error: unknown) => {
            this.#failure = error
            this.#notAnswered()
          },
        )
      return
    }
    this.#pendingCopies += 1
    this.#parts.askCopy(source, this.#key).then(
      (record) => {
        this.#pendingCopies -= 1
        this.#hasCopyAnswered = true
        const atLeast = this.#options?.atLeast
        if (record !== null && (atLeast === undefined || record.version >= atLeast)) this.#answered(record)
        else this.#notAnswered()
      },
      () => {
        this.#pendingCopies -= 1
        this.#notAnswered()
      },
    )
  }

  #copies(): RedisNode[] {
    return this.#parts.copies(this.#key, this.#primary, problemOf(this.#primary) === 'down')
  }

  /** False when there is nobody left to ask. */
  #askNext(because?: Because): boolean {
    this.#sources ??= this.#copies()
    for (;;) {
      const source = this.#sources.shift()
      if (source === undefined) return false
      if (source !== 'primary' && source.reads.state !== 'closed' && !source.reads.allows()) continue
      if (because !== undefined) report(this.#asked, source === 'primary' ? this.#primary : source, because)
      this.#ask(source)
      return true
    }
  }

  /** Nothing that counts: on to the next, at once. */
  #notAnswered(): void {
    this.#pending -= 1
    if (this.#isSettled || this.#askNext() || this.#pending > 0) return
    this.#settle()
    this.#reject(this.#failure)
  }

  #answered(record: StoredRecord | null): void {
    this.#settle()
    this.#resolve(record)
  }

  #settle(): void {
    this.#isSettled = true
    this.#parts.queue.remove(this)
  }
}

/** Why a primary is not asked first. */
export function problemOf(primary: RedisNode | undefined): 'slow' | 'down' | undefined {
  if (primary === undefined || !primary.link.isReady || primary.reads.state !== 'closed') return 'down'
  return primary.link.replies.isSuspect ? 'slow' : undefined
}

function report(node: RedisNode | undefined, instead: RedisNode | undefined, because: Because): void {
  publish('hedge', () => ({ node: node?.name ?? 'no primary', instead: instead?.name ?? 'no primary', because }))
}
