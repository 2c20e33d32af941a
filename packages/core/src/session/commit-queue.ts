import { sessionError } from '../errors.ts'
import { commitDraft } from './commit-draft.ts'
import { equalBytes } from './data-bytes.ts'
import type { Draft } from './draft.ts'
import type { Engine } from './engine.ts'

/** The commits of one draft, one after the other, also when nobody awaits them. */
export interface CommitQueue {
  /** The answer's: a session that was ended elsewhere passes. */
  commit(): Promise<void>
  /** An explicit one: throws `ERR_ENDED` when what was changed is lost. */
  save(): Promise<void>
}

export function commitQueue<Data extends object>(engine: Engine<Data>, draft: Draft<Data>): CommitQueue {
  let last: Promise<unknown> = Promise.resolve()
  // How long this request has waited for a store that did not answer: in all no longer than requestTimeout.
  let waited = 0

  async function run(): Promise<void> {
    const startedAt = performance.now()
    try {
      await commitDraft(engine, draft, startedAt + Math.max(engine.requestTimeout - waited, 0))
      waited = 0
    } catch (error) {
      waited += performance.now() - startedAt
      throw error
    }
  }

  function commit(): Promise<void> {
    const turn = engine.track(async () => last.then(run))
    last = turn.catch(() => {})
    return turn
  }

  return {
    commit,
    async save() {
      await commit()
      const lost = draft.ended === 'elsewhere' || (draft.ended === 'here' && !equalBytes(draft.settleSteps(), draft.envelope.data))
      if (lost) throw sessionError('ERR_ENDED', 'The session was ended by another request, or before this change: nothing was saved.')
    },
  }
}
