import { sessionError } from '../../errors.ts'
import type { GetOptions, StoredRecord } from '../../record/store.ts'
import type { HedgeQueue, Waiting } from '../../waiting/hedge-queue.ts'
import type { Holders } from './membership.ts'
import type { RingMember } from './ring-member.ts'
import type { CheckedRingOptions } from './ring-options.ts'

/** What all reads of a ring share. */
export interface RingReadParts extends Pick<CheckedRingOptions, 'copies' | 'read' | 'onNodeDown'> {
  readonly queue: HedgeQueue
  /** All that were asked have answered or failed: those that have less may be given the newest. */
  repair(key: string, newest: StoredRecord, answers: ReadonlyMap<RingMember, StoredRecord | null>): void
}

/**
 * One read: the holders of a key that are up are asked at once, and the newest record is the answer.
 *
 * It counts without those that are silent as long as they are fewer than the copies that each acknowledged change has: then one of those
 * that answered has it. "None" counts only once no holder is silent, since a copy can have been evicted. A class, since one is made for
 * every read.
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
    if (this.#isAnswer()) return this.#settle(() => this.#resolve(this.#newest))
    if (this.#pending > 0 && !this.#isLate) return
    for (const member of this.#unasked.splice(0)) this.#ask(member)
    if (this.#pending > 0) return
    // Those that may not answer, where it does not go without them.
    const others = this.#holders.members.filter((member) => member.state !== 'down' && !this.#tried.has(member))
    for (const member of others) this.#ask(member)
    if (others.length === 0) this.#settle(() => this.#reject(this.#failure ?? unavailable(this.#holders)))
  }

  #isAnswer(): boolean {
    const { members, steady, reach } = this.#holders
    const { copies, read, onNodeDown } = this.#parts
    const unheard = members.filter((member) => !this.#answers.has(member))
    const lost = onNodeDown === 'next' ? unheard.filter(({ state }) => state === 'down').length : 0
    const silent = unheard.length - lost
    if (this.#newest === null) return silent === 0 && this.#answers.size > 0
    if (unheard.length === 0) return true
    const isFresh = this.#options?.fresh === true
    const isRecent = this.#newest.version >= (this.#options?.atLeast ?? '')
    if (read === 'first' && !isFresh && isRecent && this.#hasHeard(steady)) return true
    if (this.#pending > 0 && (!this.#isLate || isFresh)) return false
    if (!isRecent && silent > 0) return false
    // One that answered has it: fewer are left than have each change, or fewer than have each that is to be had.
    const behind = this.#behind()
    if (unheard.length + behind < reach || silent + behind < Math.min(copies, steady.length)) return true
    return this.#hasAll(members.slice(0, copies)) || (silent === 0 && !this.#isLeftBehind())
  }

  /**
   * Whether one that always gets the acknowledged changes of this key has answered with the newest: it was there all the time, or lost its
   * memory and has only what came since.
   */
  #hasAll(owners: readonly RingMember[]): boolean {
    const { steady } = this.#holders
    return owners.some(
      (member) => this.#answers.get(member)?.version === this.#newest?.version && (steady.includes(member) || !this.#mayBeBehind(member)),
    )
  }

  #hasHeard(members: readonly RingMember[]): boolean {
    return members.some((member) => this.#answers.has(member))
  }

  /** Whether all that have this record were away with it until just now: what came after it may be on those that are down. */
  #isLeftBehind(): boolean {
    const version = this.#newest?.version
    return [...this.#answers].every(([member, record]) => record?.version !== version || this.#mayBeBehind(member))
  }

  /** Whether it may have yet to be given something, by this process or another one that was there while it was away. */
  #mayBeBehind(member: RingMember): boolean {
    return member.isOwed(this.#key) || member.presence.mayBeBehind
  }

  /** How many of those that answered do not count. What one has missed while it was away, one that was there has. */
  #behind(): number {
    const hasWitness = this.#hasHeard(this.#holders.steady)
    return [...this.#answers.keys()].filter((member) => (hasWitness ? member.isOwed(this.#key) : this.#mayBeBehind(member))).length
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
