import { days, seconds } from '../duration.ts'
import { kindOf, optionError, sessionError, shown } from '../errors.ts'
import type { Durability } from '../record/store.ts'
import type { CommitQueue } from './commit-queue.ts'
import type { Draft } from './draft.ts'
import { checkedDurability } from './durability.ts'
import type { Engine } from './engine.ts'
import { blank } from './load-draft.ts'
import type { RegenerateOptions, SaveOptions, Session, Synchronous } from './session.ts'

// RFC 6265bis, 5.5: browsers keep no cookie longer.
const longestPersistence = days(400)
const leastPersistence = seconds(1)

/** The session that handlers see: intents on a draft. A class, since one is made for every request that asks. */
export class UnitOfWork<Data extends object> implements Session<Data> {
  readonly #engine: Engine<Data>
  readonly #draft: Draft<Data>
  readonly #queue: CommitQueue<Data>
  readonly #failed: (error: unknown) => void
  #isUpdating = false

  constructor(engine: Engine<Data>, draft: Draft<Data>, queue: CommitQueue<Data>, failed: (error: unknown) => void = () => {}) {
    this.#engine = engine
    this.#draft = draft
    this.#queue = queue
    this.#failed = failed
    // `session.user = …` (for `session.data.user`) would be lost without a word.
    Object.preventExtensions(this)
  }

  get id(): string {
    return this.#draft.id
  }

  get outcome(): Session['outcome'] {
    return this.#draft.outcome
  }

  get subject(): string | undefined {
    const { regeneration, envelope } = this.#draft
    return regeneration?.subject ?? envelope.subject
  }

  get createdAt(): number {
    return this.#draft.envelope.createdAt
  }

  get expiresAt(): number {
    const { record, envelope } = this.#draft
    const { clock, timeouts } = this.#engine
    return Math.min(record?.expiresAt ?? timeouts.deadline(clock.now(), envelope.createdAt), timeouts.absolute(envelope.createdAt))
  }

  get data(): Data {
    this.#draft.touched = true
    return this.#draft.data
  }

  set data(data: Data) {
    this.#draft.touched = true
    this.#draft.data = data
  }

  update<R>(change: (data: Data) => Synchronous<R>, ...rest: never[]): void {
    this.#assertOpen('update', rest)
    if (typeof change !== 'function') throw optionError("update()'s argument", kindOf(change), 'a function that changes the data')
    if (this.#isUpdating)
      throw sessionError('ERR_OPTION', 'update() inside update() would run twice after a conflict: call one after the other.')
    this.#draft.update((data) => {
      this.#isUpdating = true
      let result: unknown
      try {
        result = change(data)
      } finally {
        this.#isUpdating = false
      }
      if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') return
      Promise.resolve(result).catch(() => {})
      throw sessionError('ERR_OPTION', 'update() runs its function again after a conflict: it must not be async. Await first, then update.')
    })
  }

  regenerate(options: RegenerateOptions = {}, ...rest: never[]): void {
    this.#assertOpen('regenerate', [options as never, ...rest])
    if (typeof options !== 'object' || options === null)
      throw optionError("regenerate()'s argument", kindOf(options), 'an object: regenerate({ subject: user.id })')
    const { subject, persistent } = options
    if (subject !== undefined && (typeof subject !== 'string' || subject === ''))
      throw optionError(
        'regenerate({ subject })',
        subject === '' ? 'an empty string' : kindOf(subject),
        'a string that names whose session this is',
      )
    if (persistent !== undefined && !(typeof persistent === 'number' && persistent >= leastPersistence && persistent <= longestPersistence))
      throw optionError('regenerate({ persistent })', shown(persistent), 'milliseconds, at most days(400), such as days(30)')
    if (this.#draft.intent === 'destroy')
      throw sessionError('ERR_ENDED', 'regenerate() after destroy(): call discard() first to keep the session.')
    if (this.#draft.ended !== undefined)
      throw sessionError('ERR_ENDED', 'regenerate() came after this session was found to be over: only the next request can start another.')
    this.#draft.intent = 'regenerate'
    const signIn = subject !== undefined || this.#draft.regeneration?.signIn === true
    this.#draft.regeneration = { ...this.#draft.regeneration, ...options, signIn }
  }

  destroy(...rest: never[]): void {
    this.#assertOpen('destroy', rest)
    this.#draft.intent = 'destroy'
  }

  discard(...rest: never[]): void {
    this.#assertOpen('discard', rest)
    this.#draft.discard()
  }

  save(options: SaveOptions = {}, ...rest: never[]): Promise<void> {
    let durability: Durability | undefined
    try {
      this.#assertOpen('save', [options, ...rest])
      if (typeof options !== 'object' || options === null)
        throw optionError("save()'s argument", kindOf(options), 'an object: save({ durability })')
      durability = checkedDurability('save({ durability })', options.durability)
      this.#draft.beforeCommit?.()
    } catch (error) {
      return Promise.reject(error as Error)
    }
    const saving = this.#queue.save(durability)
    // Also so that a rejection which nobody awaits yet is nobody's crash.
    saving.catch(this.#failed)
    return saving
  }

  // What `passportSession` needs beside `Session`.

  /** Lets `step` have a last word before each commit, the answer's too. What it throws is the commit's, and nothing is saved. */
  beforeCommit(step: () => void): void {
    this.#draft.beforeCommit = step
  }

  /** `regenerate` at a sign-in, of a user without a subject too. */
  signIn(subject: string | undefined): void {
    this.regenerate({ subject })
    this.#draft.regeneration = { ...this.#draft.regeneration, signIn: true }
  }

  /** The initial data, in another object than before. */
  empty(): void {
    this.#assertOpen('empty', [])
    this.data = blank(this.#engine, 'new').data
  }

  /**
   * Ends the session as `destroy` does, and goes on with its data as a visitor's who has just come. Where another request has
   * ended it nothing is stored. A `save` only ends it, for more may follow; the answer's commit stores what it then holds.
   */
  leave(): void {
    this.#assertOpen('leave', [])
    const { intent, ended, record, attempt, leftToEnd, outcome } = this.#draft
    if (intent === 'destroy' || ended !== undefined) return
    this.#draft.intent = this.#draft.regeneration = undefined
    const isStored = record !== null || attempt !== undefined || leftToEnd !== undefined
    if (isStored || outcome === 'unavailable') this.#draft.anew = 'wanted'
  }

  #assertOpen(method: string, given: readonly unknown[]): void {
    if (given.some((each) => typeof each === 'function')) {
      throw sessionError(
        'ERR_OPTION',
        `${method}() takes no callback: save() answers a promise, and the others are carried out by the commit.`,
      )
    }
    if (this.#draft.committed) {
      throw sessionError(
        'ERR_COMMITTED',
        `${method}() came after the answer's commit: call it before the first byte is sent, or use a session opened for this job.`,
      )
    }
  }
}
