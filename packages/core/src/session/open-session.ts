import { isSessionError, sessionError } from '../errors.ts'
import { publish } from '../events.ts'
import type { SetHeaders } from './apply-headers.ts'
import { commitDraft } from './commit-draft.ts'
import { cookieLines } from './cookie-lines.ts'
import { equalBytes } from './data-bytes.ts'
import type { Draft } from './draft.ts'
import type { Engine } from './engine.ts'
import { loadDraft, type Presented, presentedCookies } from './load-draft.ts'
import type { OnUnavailable } from './options.ts'
import type { Session } from './session.ts'
import { UnitOfWork } from './unit-of-work.ts'

/** The Cookie header as it came, or how to get it: asked at the first `load`, so that a request that never asks pays nothing. */
export type CookieSource = string | null | undefined | (() => string | null | undefined)

export interface OpenOptions {
  /** Whether the browser speaks https, as the adapter knows it; read by `cookie: { secure: 'auto' }`. Default false. */
  readonly secure?: boolean | (() => boolean) | undefined
}

export interface LoadOptions {
  /** Past every cache and replica. The first load of a request decides. */
  readonly fresh?: boolean | undefined
  /** Default as the manager was told. */
  readonly onUnavailable?: OnUnavailable | undefined
  /** Stops waiting when it aborts, and rejects with its reason. */
  readonly signal?: AbortSignal | undefined
}

/** One session for the length of one request. */
export interface OpenSession<Data extends object> {
  /** Whether `load` was called. */
  readonly asked: boolean
  /**
   * Asks the store, at most once; with no cookie of ours, or one whose signature fails, not at all.
   *
   * @throws `ERR_UNAVAILABLE` when the store does not answer, and `onUnavailable` is `'fail'`
   */
  load(options?: LoadOptions): Promise<Session<Data>>
  /**
   * Saves what changed and answers the headers to send, often none. Afterwards the session takes no more changes.
   *
   * @throws what `save` throws but `ERR_ENDED`: a request that finishes after a sign-out passes, and changes nothing
   */
  commit(): Promise<SetHeaders>
  /** Tell when the response has ended: a change that came after the commit is reported, once. */
  end(): void
}

const none: SetHeaders = []

export function openSession<Data extends object>(engine: Engine<Data>, source: CookieSource, options: OpenOptions): OpenSession<Data> {
  let presented: Presented | undefined
  let draft: Draft<Data> | undefined
  let loading: Promise<Session<Data>> | undefined
  let saving: Promise<unknown> = Promise.resolve()
  let committing: Promise<SetHeaders> | undefined
  // How long this request has waited for the store since it last answered.
  let waited = 0

  async function load(loadOptions: LoadOptions): Promise<Session<Data>> {
    presented = presentedCookies(engine, typeof source === 'function' ? source() : source)
    const loaded = (draft = await engine.track(async () => loadDraft(engine, presented as Presented, loadOptions)))
    if (committing !== undefined) loaded.committed = true
    return new UnitOfWork(engine, loaded, () => save(loaded))
  }

  /** One commit after the other, also when nobody awaited the one before. */
  function commitOnce(loaded: Draft<Data>): Promise<void> {
    const turn = saving.then(async () => {
      const startedAt = performance.now()
      const until = startedAt + Math.max(engine.requestTimeout - waited, 0)
      try {
        await engine.track(async () => commitDraft(engine, loaded, until))
        waited = 0
      } catch (error) {
        waited += performance.now() - startedAt
        throw error
      }
    })
    saving = turn.catch(() => {})
    return turn
  }

  async function save(loaded: Draft<Data>): Promise<void> {
    await commitOnce(loaded)
    const lost = loaded.ended === 'elsewhere' || (loaded.ended === 'here' && !equalBytes(loaded.settleSteps(), loaded.envelope.data))
    if (lost) throw sessionError('ERR_ENDED', 'The session was ended by another request, or before this change: nothing was saved.')
  }

  async function commit(): Promise<SetHeaders> {
    // A handler that did not await its session may still be loading it; it met that error itself.
    await loading?.catch(() => {})
    const loaded = draft
    if (loaded === undefined || presented === undefined) return [['Vary', 'Cookie']]
    try {
      await commitOnce(loaded)
    } finally {
      loaded.committed = true
    }
    const { secure = false } = options
    return cookieLines(engine, loaded, presented, typeof secure === 'function' ? secure() : secure)
  }

  return {
    get asked() {
      return loading !== undefined
    },
    load(loadOptions = {}) {
      loading ??= load(loadOptions).catch((error: unknown) => {
        // The next call may find the store again.
        if (committing === undefined) loading = undefined
        throw error
      })
      return loading
    },
    commit: () => (committing ??= loading === undefined ? Promise.resolve(none) : commit()),
    end() {
      if (!draft?.committed || !draft.touched || draft.ended !== undefined || draft.outcome === 'unavailable') return
      const late = changedSinceCommit(draft)
      draft.touched = false
      if (late) publish('late-change', () => ({ id: draft?.id ?? '' }))
    },
  }
}

function changedSinceCommit(draft: Draft<any>): boolean {
  try {
    return !equalBytes(draft.settleSteps(), draft.envelope.data)
  } catch (error) {
    return isSessionError(error)
  }
}
