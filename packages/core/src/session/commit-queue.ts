import { sessionError } from '../errors.ts'
import type { Durability } from '../record/store.ts'
import { commitDraft, pendingIn, type Pending } from './commit-draft.ts'
import { equalBytes } from './data-bytes.ts'
import type { Draft } from './draft.ts'
import type { Engine } from './engine.ts'

/** The commits of one draft, one after the other, also when nobody awaits them. A class, since one is made for every request that asks. */
export class CommitQueue<Data extends object> {
  readonly #engine: Engine<Data>
  readonly #draft: Draft<Data>
  /** The last of those under way. */
  #last: Promise<unknown> | undefined
  // How long this request has waited for a store that did not answer: in all no longer than requestTimeout.
  #waited = 0

  constructor(engine: Engine<Data>, draft: Draft<Data>) {
    this.#engine = engine
    this.#draft = draft
  }

  /** What a commit would do now, or undefined: for a draft none of whose commits is under way. Throws `ERR_DATA`. */
  pending(): Pending | undefined {
    return pendingIn(this.#engine, this.#draft)
  }

  get isBusy(): boolean {
    return this.#last !== undefined
  }

  /** The answer's: a session that was ended elsewhere passes. `pending` as it was just found, in this turn of the event loop. */
  commit(pending?: Pending, durability?: Durability): Promise<void> {
    const turn = this.#last === undefined ? this.#run(pending, durability) : this.#last.then(() => this.#run(undefined, durability))
    const settled = (): void => {
      if (this.#last === last) this.#last = undefined
    }
    const last = turn.then(settled, settled)
    this.#last = last
    return turn
  }

  /** An explicit one: throws `ERR_ENDED` when what was changed is lost. */
  async save(durability?: Durability): Promise<void> {
    await this.commit(undefined, durability)
    const draft = this.#draft
    const lost = draft.ended === 'elsewhere' || (draft.ended === 'here' && !equalBytes(draft.settleSteps(), draft.envelope.data))
    if (lost) throw sessionError('ERR_ENDED', 'The session was ended by another request, or before this change: nothing was saved.')
  }

  async #run(pending: Pending | undefined, durability: Durability | undefined): Promise<void> {
    const { work, requestTimeout } = this.#engine
    const startedAt = performance.now()
    work.begin()
    try {
      const until = startedAt + Math.max(requestTimeout - this.#waited, 0)
      await commitDraft(this.#engine, this.#draft, until, pending, durability)
      this.#waited = 0
    } catch (error) {
      this.#waited += performance.now() - startedAt
      throw error
    } finally {
      work.end()
    }
  }
}
