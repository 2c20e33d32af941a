import { days, seconds } from '../duration.ts'
import { kindOf, optionError, sessionError, shown } from '../errors.ts'
import type { Draft } from './draft.ts'
import type { Engine } from './engine.ts'
import { withoutAlarm } from './without-alarm.ts'
import type { RegenerateOptions, Session, Synchronous } from './session.ts'

// RFC 6265bis, 5.5: browsers keep no cookie longer.
const longestPersistence = days(400)
const leastPersistence = seconds(1)

/** The session that handlers see: intents on a draft. A class, since one is made for every request that asks. */
export class UnitOfWork<Data extends object> implements Session<Data> {
  readonly #engine: Engine<Data>
  readonly #draft: Draft<Data>
  readonly #save: () => Promise<void>
  #isUpdating = false

  constructor(engine: Engine<Data>, draft: Draft<Data>, save: () => Promise<void>) {
    this.#engine = engine
    this.#draft = draft
    this.#save = save
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
    this.#draft.regeneration = { ...this.#draft.regeneration, ...options }
  }

  destroy(...rest: never[]): void {
    this.#assertOpen('destroy', rest)
    this.#draft.intent = 'destroy'
  }

  discard(...rest: never[]): void {
    this.#assertOpen('discard', rest)
    this.#draft.discard()
  }

  save(...rest: never[]): Promise<void> {
    try {
      this.#assertOpen('save', rest)
    } catch (error) {
      return Promise.reject(error as Error)
    }
    return withoutAlarm(this.#save())
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
