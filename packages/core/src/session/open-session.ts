import { isSessionError, type SessionError } from '../errors.ts'
import { isHeard, publish } from '../events.ts'
import { endOfTurn } from '../waiting/end-of-turn.ts'
import type { SetHeaders } from './apply-headers.ts'
import { CommitQueue } from './commit-queue.ts'
import { cookieLines } from './cookie-lines.ts'
import { encodeData, equalBytes } from './data-bytes.ts'
import type { Draft } from './draft.ts'
import type { Engine } from './engine.ts'
import { loadDraft } from './load-draft.ts'
import type { OnUnavailable } from './options.ts'
import { presentedCookies, type Presented } from './presented.ts'
import type { Session } from './session.ts'
import { UnitOfWork } from './unit-of-work.ts'

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
  /** Past every cache and replica, also in an outage: then `onUnavailable: 'stale'` is `'fail'`. The first load of a request decides. */
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
  /**
   * Commits as `commit` does, and answers the headers themselves, not a promise, where nothing has to be saved: for whoever would
   * have to hold an answer back while it waits.
   */
  settle(): SetHeaders | Promise<SetHeaders>
  /** Tell when the response has ended: a change that came after the commit is reported, once. */
  end(): void
}

const none: SetHeaders = []
const noOptions: OpenOptions = {}

/** A class with plain fields, since one is made for every request, whether it asks or not. */
export class OpenedSession<Data extends object> implements OpenSession<Data> {
  asked = false
  failure: SessionError | undefined = undefined
  readonly #engine: Engine<Data>
  readonly #source: CookieSource
  readonly #options: OpenOptions
  #loading: Promise<Session<Data>> | undefined
  #presented: Presented | undefined
  #draft: Draft<Data> | undefined
  #queue: CommitQueue<Data> | undefined
  #settled: SetHeaders | Promise<SetHeaders> | undefined

  constructor(engine: Engine<Data>, source: CookieSource, options: OpenOptions = noOptions) {
    this.#engine = engine
    this.#source = source
    this.#options = options
  }

  // An adapter may hand these on, as `opened.load`.
  readonly load = (options?: LoadOptions): Promise<Session<Data>> => {
    if (this.#loading !== undefined) return this.#loading
    this.asked = true
    const loading = this.#load(options)
    // What nobody has awaited yet is nobody's crash: see withoutAlarm.
    loading.catch((error: unknown) => {
      this.#note(error)
      // The next call may find the store again.
      if (this.#settled === undefined) this.#loading = undefined
    })
    this.#loading = loading
    return loading
  }

  readonly commit = (): Promise<SetHeaders> => {
    const settled = this.settle()
    return settled instanceof Promise ? settled : Promise.resolve(settled)
  }

  readonly settle = (): SetHeaders | Promise<SetHeaders> => {
    return (this.#settled ??= this.#settle())
  }

  readonly end = (): void => {
    const draft = this.#draft
    if (draft === undefined || !isHeard('late-change') || !changedSinceCommit(this.#engine, draft)) return
    const { id } = draft
    publish('late-change', () => ({ id }))
  }

  async #load(options: LoadOptions | undefined): Promise<Session<Data>> {
    const engine = this.#engine
    const source = this.#source
    // In this turn: some servers have no request any more in a later one.
    const header = typeof source === 'function' ? source() : source
    engine.work.begin()
    try {
      await endOfTurn()
      const presented = presentedCookies(engine, header)
      const found = loadDraft(engine, presented, options)
      const draft = found instanceof Promise ? await found : found
      draft.committed = this.#settled !== undefined
      this.failure = draft.standsInFor
      this.#presented = presented
      this.#draft = draft
      this.#queue = new CommitQueue(engine, draft)
      return new UnitOfWork(engine, draft, this.#queue, (error) => this.#note(error))
    } finally {
      engine.work.end()
    }
  }

  // At once where nothing has to be saved, which is most often so.
  #settle(): SetHeaders | Promise<SetHeaders> {
    if (this.#loading === undefined) return none
    const draft = this.#draft
    const queue = this.#queue
    if (draft === undefined || queue === undefined || draft.beforeCommit !== undefined || queue.isBusy) return this.#commit()
    draft.committed = true
    try {
      const pending = queue.pending()
      return pending === undefined ? this.#headers(draft) : this.#saved(draft, queue.commit(pending))
    } catch (error) {
      this.#note(error)
      return Promise.reject(error as Error)
    }
  }

  async #commit(): Promise<SetHeaders> {
    // A handler that did not await its session may still be loading it; it met that error itself.
    await this.#loading?.catch(() => {})
    const draft = this.#draft
    const queue = this.#queue
    if (draft === undefined || queue === undefined) return none
    try {
      draft.beforeCommit?.()
    } catch (error) {
      this.#note(error)
      throw error
    } finally {
      // From here on, not only afterwards: what is asked for while it is under way would be lost without a word.
      draft.committed = true
    }
    return this.#saved(draft, queue.commit())
  }

  async #saved(draft: Draft<Data>, saving: Promise<void>): Promise<SetHeaders> {
    try {
      await saving
    } catch (error) {
      this.#note(error)
      throw error
    }
    return this.#headers(draft)
  }

  #headers(draft: Draft<Data>): SetHeaders {
    const { secure, header } = this.#options
    const isSecure = typeof secure === 'function' ? secure : () => secure === true
    const headers = cookieLines(this.#engine, draft, this.#presented as Presented, isSecure)
    const setsCookie = headers.length > 1
    if (setsCookie && header !== undefined && !isSecure()) this.#engine.noticeInsecure?.(header)
    return headers
  }

  #note(error: unknown): void {
    if (isSessionError(error)) this.failure = error
  }
}

function changedSinceCommit(engine: Engine<any>, draft: Draft<any>): boolean {
  const { committed, touched, ended, outcome } = draft
  if (!committed || !touched || ended !== undefined || outcome === 'unavailable') return false
  draft.touched = false
  try {
    return !equalBytes(encodeData(engine, draft.data, draft.envelope.data), draft.envelope.data)
  } catch {
    return true
  }
}
