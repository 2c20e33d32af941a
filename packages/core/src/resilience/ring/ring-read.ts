import { sessionError } from '../../errors.ts'
import type { GetOptions, StoredRecord } from '../../record/store.ts'
import type { HedgeQueue, Waiting } from '../../waiting/hedge-queue.ts'
import { isConclusive } from './conclusion.ts'
import type { Holders } from './membership.ts'
import type { RingMember } from './ring-member.ts'
import type { CheckedRingOptions } from './ring-options.ts'

/** What all reads of a ring share. */
export interface RingReadParts extends Pick<CheckedRingOptions, 'copies' | 'read' | 'onNodeDown'> {
  readonly queue: HedgeQueue
  /** A record was seen that lives until then. */
  seen(expiresAt: number): void
  /** All that were asked have answered or failed: those that have less may be given the newest. */
  repair(key: string, newest: StoredRecord, answers: ReadonlyMap<RingMember, StoredRecord | null>): void
}

/**
 * One read: the holders of a key that are up are asked at once, and the newest record is the answer, as soon as those that are silent can
 * have no newer one. A class, since one is made for every read.
 */
export class RingRead implements Waiting {
  /** The queue's. */
  since = 0
  readonly #parts: RingReadParts
  readonly #key: string
  readonly #options: GetOptions | undefined
  readonly #holders: Holders
  readonly #resolve: (record: StoredRecord | null) => void
  readonly #reject: (error: unknown) => void
  readonly #answers = new Map<RingMember, StoredRecord | null>()
  #newest: StoredRecord | null = null
  readonly #tried = new Set<RingMember>()
  #unasked: RingMember[]
  #pending = 0
  #isLate = false
  #isSettled = false
  #failure: unknown

  constructor(
    parts: RingReadParts,
    key: string,
    options: GetOptions | undefined,
    holders: Holders,
    resolve: (record: StoredRecord | null) => void,
    reject: (error: unknown) => void,
  ) {
    this.#parts = parts
    this.#key = key
    this.#options = options
    this.#holders = holders
    this.#resolve = resolve
    this.#reject = reject
    this.#unasked = holders.members.filter(({ state }) => state === 'up')
  }

  begin(): void {
    const first = this.#parts.read === 'first' && this.#options?.fresh !== true ? this.#unasked.splice(0, 1) : this.#unasked.splice(0)
    for (const member of first) this.#ask(member)
    if (this.#pending === 0) this.#proceed()
    else this.#parts.queue.add(this)
  }

  late(): void {
    if (this.#isSettled) return
    this.#isLate = true
    this.#proceed()
  }

  #ask(member: RingMember): void {
    this.#pending += 1
    this.#tried.add(member)
    const { atLeast, fresh } = this.#options ?? {}
    member.store.get(this.#key, { atLeast, fresh }).then(
      (record) => {
        this.#answers.set(member, record)
        if (record !== null && isNewer(record, this.#newest)) this.#newest = record
        this.#answered()
      },
      (error: unknown) => {
        this.#failure = error
        this.#answered()
      },
    )
  }

  #answered(): void {
    this.#pending -= 1
    if (!this.#isSettled) this.#proceed()
    if (this.#pending === 0 && this.#newest !== null && this.#answers.size > 1) this.#parts.repair(this.#key, this.#newest, this.#answers)
  }

  #proceed(): void {
    if (this.#isAnswer()) {
      if (this.#newest !== null) this.#parts.seen(this.#newest.expiresAt)
      return this.#settle(() => this.#resolve(this.#newest))
    }
    if (this.#pending > 0 && !this.#isLate) return
    for (const member of this.#unasked.splice(0)) this.#ask(member)
    if (this.#pending > 0) return
    // Those that may not answer, where it does not go without them.
    const others = this.#holders.members.filter((member) => member.state !== 'down' && !this.#tried.has(member))
    for (const member of others) this.#ask(member)
    if (others.length === 0) this.#settle(() => this.#reject(this.#failure ?? unavailable(this.#holders)))
  }

  #isAnswer(): boolean {
    const { steady } = this.#holders
    const { atLeast, fresh = false } = this.#options ?? {}
    const isFirst = this.#parts.read === 'first' && !fresh && this.#newest !== null && this.#newest.version >= (atLeast ?? '')
    if (isFirst && steady.some((member) => this.#answers.has(member))) return true
    // Those that are asked are waited for, for a moment; without a record, or past every cache, for as long as they may take.
    if (this.#pending > 0 && (!this.#isLate || fresh)) return false
    return isConclusive({
      key: this.#key,
      holders: this.#holders,
      answers: this.#answers,
      newest: this.#newest,
      atLeast,
      ring: this.#parts,
    })
  }

  #settle(answer: () => void): void {
    this.#isSettled = true
    this.#parts.queue.remove(this)
    answer()
  }
}

/** Of equal versions the later deadline is the newer. */
export function isNewer(one: StoredRecord, other: StoredRecord | null): boolean {
  if (other === null) return true
  return one.version === other.version ? one.expiresAt > other.expiresAt : one.version > other.version
}

/** When none of those that may have a record can tell. */
export function unavailable({ members }: Holders): Error {
  const names = members.map(({ name, state }) => (state === 'up' ? name : `${name} (${state})`)).join(', ')
  return sessionError('ERR_UNAVAILABLE', `The nodes that may have this session do not answer: ${names}.`)
}
