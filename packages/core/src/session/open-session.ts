import { isSessionError, type SessionError } from '../errors.ts'
import { publish } from '../events.ts'
import type { SetHeaders } from './apply-headers.ts'
import { commitQueue, type CommitQueue } from './commit-queue.ts'
import { cookieLines } from './cookie-lines.ts'
import { encodeData, equalBytes } from './data-bytes.ts'
import type { Draft } from './draft.ts'
import type { Engine } from './engine.ts'
import { loadDraft, type Presented, presentedCookies } from './load-draft.ts'
import type { OnUnavailable } from './options.ts'
import type { Session } from './session.ts'
import { UnitOfWork } from './unit-of-work.ts'
import { withoutAlarm } from './without-alarm.ts'

/** The Cookie header as it came, or how to get it: asked at the first `load`, so that a request that never asks pays nothing. */
export type CookieSource = string | null | undefined | (() => string | null | undefined)

/** What an adapter knows of the request. */
export interface OpenOptions {
  /** Whether the browser speaks https, as the adapter knows it; read by `cookie: { secure: 'auto' }`. Default false. */
  readonly secure?: boolean | (() => boolean) | undefined
  /**
   * Another header of the request, by its name in lower case. Read only to explain, once, why a browser will drop a Secure
   * cookie that it is given over plain http.
   */
  readonly header?: ((name: string) => string | null | undefined) | undefined
}

/** How one request loads its session. */
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
   * What `load`, `save` or `commit` was last rejected with, or what a stand-in is there for: its `headers` belong on the answer
   * that is made of it.
   */
  readonly failure: SessionError | undefined
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

export function openSession<Data extends object>(
  engine: Engine<Data>,
  source: CookieSource,
  { secure = false, header }: OpenOptions,
): OpenSession<Data> {
  let loading: Promise<Session<Data>> | undefined
  let loaded: { readonly presented: Presented; readonly draft: Draft<Data>; readonly queue: CommitQueue } | undefined
  let committing: Promise<SetHeaders> | undefined

  async function load(options: LoadOptions): Promise<Session<Data>> {
    const presented = presentedCookies(engine, typeof source === 'function' ? source() : source)
    const draft = await engine.track(async () => loadDraft(engine, presented, options))
    const queue = commitQueue(engine, draft)
    draft.committed = committing !== undefined
    opened.failure = draft.standsInFor
    loaded = { presented, draft, queue }
    return new UnitOfWork(engine, draft, async () => noted(queue.save()))
  }

  async function commit(): Promise<SetHeaders> {
    // A handler that did not await its session may still be loading it; it met that error itself.
    await loading?.catch(() => {})
    if (loaded === undefined) return none
    const { draft, presented, queue } = loaded
    await noted(commitLoaded(draft, queue))
    const isSecure = typeof secure === 'function' ? secure() : secure
    const headers = cookieLines(engine, draft, presented, isSecure)
    if (!isSecure && header !== undefined && headers.some(([name]) => name === 'Set-Cookie')) engine.noticeInsecure?.(header)
    return headers
  }

  async function commitLoaded(draft: Draft<Data>, queue: CommitQueue): Promise<void> {
    try {
      draft.beforeCommit?.()
    } finally {
      // From here on, not only afterwards: what is asked for while it is under way would be lost without a word.
      draft.committed = true
    }
    await queue.commit()
  }

  async function noted<Value>(work: Promise<Value>): Promise<Value> {
    try {
      return await work
    } catch (error) {
      if (isSessionError(error)) opened.failure = error
      throw error
    }
  }

  // A plain `asked`: an object with a getter takes some 2 microseconds more to make, for every request.
  const opened: OpenSession<Data> & { asked: boolean; failure: SessionError | undefined } = {
    asked: false,
    failure: undefined,
    load(options = {}) {
      opened.asked = true
      loading ??= noted(load(options)).catch((error: unknown) => {
        // The next call may find the store again.
        if (committing === undefined) loading = undefined
        throw error
      })
      return withoutAlarm(loading)
    },
    commit: () => (committing ??= loading === undefined ? Promise.resolve(none) : engine.track(commit)),
    end() {
      if (loaded !== undefined && changedSinceCommit(engine, loaded.draft)) {
        const { id } = loaded.draft
        publish('late-change', () => ({ id }))
      }
    },
  }
  return opened
}

function changedSinceCommit(engine: Engine<any>, draft: Draft<any>): boolean {
  const { committed, touched, ended, outcome } = draft
  if (!committed || !touched || ended !== undefined || outcome === 'unavailable') return false
  draft.touched = false
  try {
    return !equalBytes(encodeData(engine, draft.data), draft.envelope.data)
  } catch {
    return true
  }
}
