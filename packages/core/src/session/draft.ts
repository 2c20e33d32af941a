import type { SessionError } from '../errors.ts'
import { idOf, randomToken } from '../cookie/token.ts'
import type { Envelope } from '../record/envelope.ts'
import type { StoredRecord } from '../record/store.ts'
import { assertWithinLimit, decodeData, encodeData, equalBytes } from './data-bytes.ts'
import type { Engine } from './engine.ts'
import { isSameText } from './plain-data.ts'
import type { Outcome, RegenerateOptions } from './session.ts'
import type { Write } from './settled-put.ts'

/** A change to carry over to newer data: what was and what is, or a function to run again. */
export type Step<Data> = { readonly from: Uint8Array; readonly to: Uint8Array } | { readonly update: (data: Data) => unknown }

/** What `regenerate` is to do. */
export interface Regeneration extends RegenerateOptions {
  /** Somebody has shown who they are. */
  readonly signIn: boolean
}

/** A write that is under way, for as long as it is not known what became of it. */
export interface Attempt extends Write {
  /** What it says about the session. */
  readonly envelope: Envelope
  /** How many of the steps it carries out. */
  readonly steps: number
  /** The `regenerate` that it carries out. */
  readonly regeneration: Regeneration | undefined
}

/** A regeneration that has begun: the new record is there, or may be, and the old one has to be ended. */
export interface Move {
  readonly token: string
  /** What is known to be stored under the new token. */
  stored: StoredRecord | null
  attempt: Attempt | undefined
  ending: Write | undefined
}

/** An end that is under way. */
export interface EndingAttempt extends Write {
  readonly id: string
  /** What it ends. */
  readonly over: Pick<StoredRecord, 'version' | 'expiresAt'>
}

/** One session in one request: what the store has as far as we know, and what is to become of it. */
export class Draft<Data extends object> {
  readonly outcome: Outcome
  /** What the store has under the token; null: nothing. */
  record: { readonly version: string; readonly expiresAt: number } | null = null
  /** What that record says, or, without one, a first one would; `data` is what a change is measured against. */
  envelope: Envelope
  data: Data
  /** What the data of its first envelope says, never changed, where that is at hand: to find out sooner that nothing was. */
  pristine: Data | undefined
  /** Whether a handler has had `data` in its hands. */
  touched = false
  steps: Step<Data>[] = []
  intent: 'destroy' | 'regenerate' | undefined
  regeneration: Regeneration | undefined
  attempt: Attempt | undefined
  move: Move | undefined
  ending: EndingAttempt | undefined
  /**
   * What a sign-out has to end where there is no record to go on with: the session that took the place of one just ended, or
   * one that only another release can read.
   */
  leftToEnd: string | undefined
  /** Whether changes to a session that was ended may start another one: not for requests that were under way at its end. */
  mayStartAnew = true
  /** By this request, or found to have been by another. */
  ended: 'here' | 'elsewhere' | undefined
  /** Why the store could not give the session, where its outcome is `unavailable`. */
  standsInFor: SessionError | undefined
  /** A change was stored, so there is a version for the freshness cookie. */
  wrote = false
  /**
   * It ends as by `destroy`, and what stands in `data` goes on in another, that of a visitor who has just come: with neither
   * token nor record until something is stored.
   */
  anew: 'wanted' | 'begun' | undefined
  /** Called before each commit: what it throws is the commit's. */
  beforeCommit: (() => void) | undefined
  /** The answer's commit has begun: no more changes. */
  committed = false
  /** The id of the session that the cookie names, whatever became of it. */
  readonly presentedId: string | undefined
  readonly #engine: Engine<Data>
  /** The data that `steps` lead to. */
  #mark: Uint8Array
  /** The data that it began with. */
  readonly #first: Uint8Array
  #token: string | undefined
  #id: string | undefined

  constructor(
    engine: Engine<Data>,
    outcome: Outcome,
    envelope: Envelope,
    data: Data,
    presented?: { readonly id: string | undefined; readonly token: string | undefined },
  ) {
    this.#engine = engine
    this.outcome = outcome
    this.envelope = envelope
    this.data = data
    this.#mark = this.#first = envelope.data
    this.presentedId = presented?.id
    // A token is kept only where we gave it a session: any other is never adopted (CVE-2022-25896).
    if (outcome === 'live') {
      this.#token = presented?.token
      this.#id = presented?.id
    }
  }

  /** What a copy says of a live session that the store could not give: to be read, and not to be saved. */
  static standIn<Data extends object>(
    engine: Engine<Data>,
    { envelope, data, id }: Draft<Data>,
    presented: { readonly id: string | undefined; readonly token: string | undefined },
    standsInFor: SessionError,
  ): Draft<Data> {
    const draft = new Draft(engine, 'unavailable', envelope, data, presented)
    draft.#id = id
    draft.standsInFor = standsInFor
    return draft
  }

  /** Undefined for a session that needs none yet. */
  get token(): string | undefined {
    return this.#token
  }

  get id(): string {
    return (this.#id ??= idOf((this.#token ??= randomToken())))
  }

  moveTo(token: string): void {
    this.#token = token
    this.#id = undefined
  }

  /** Puts what changed since the last step among the steps. Answers the data's bytes. Throws `ERR_DATA`. */
  settleSteps(): Uint8Array {
    if (!this.touched) return this.#mark
    if (this.pristine !== undefined && this.#mark === this.#first && isSameText(this.data, this.pristine)) return this.#mark
    const bytes = encodeData(this.#engine, this.data, this.#mark)
    if (!equalBytes(this.#mark, bytes)) this.steps.push({ from: this.#mark, to: bytes })
    return (this.#mark = bytes)
  }

  /** Runs the change, and keeps it as a step; data is as before when it throws. */
  update(change: (data: Data) => unknown): unknown {
    this.touched = true
    const before = this.settleSteps()
    try {
      const result = change(this.data)
      const bytes = encodeData(this.#engine, this.data)
      assertWithinLimit(this.#engine, bytes)
      this.steps.push({ update: change })
      this.#mark = bytes
      return result
    } catch (error) {
      this.data = decodeData(this.#engine, before)
      throw error
    }
  }

  /** The steps now lead from newer data to what stands in `data`. */
  rebased(): void {
    this.#mark = encodeData(this.#engine, this.data)
  }

  /** The store has what this attempt wrote. What was asked for while it was under way is still pending. */
  stored({ record, envelope, steps, regeneration }: Attempt): void {
    this.record = record
    this.envelope = envelope
    this.steps = this.steps.slice(steps)
    this.wrote = true
    if (regeneration === undefined || regeneration !== this.regeneration) return
    this.regeneration = undefined
    if (this.intent === 'regenerate') this.intent = undefined
  }

  /** The session has been ended: this is the first state of another. */
  startAnew(envelope: Envelope): void {
    this.envelope = envelope
    this.#mark = envelope.data
    this.#token = this.#id = this.leftToEnd = undefined
    this.record = null
    this.steps = []
    this.attempt = this.move = undefined
    this.touched = true
    this.anew = 'begun'
  }

  discard(): void {
    this.data = decodeData(this.#engine, this.envelope.data)
    this.#mark = this.envelope.data
    this.steps = []
    this.touched = false
    // A first record may have been stored under this token, which nobody was given: going on with it would bring back what is dropped.
    if (this.attempt !== undefined && this.record === null) this.#token = this.#id = undefined
    this.intent = this.regeneration = this.attempt = this.move = this.ending = undefined
    if (this.anew === 'wanted') this.anew = undefined
  }
}
