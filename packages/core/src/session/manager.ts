import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { freshnessCookie } from '../cookie/freshness-cookie.ts'
import { sessionCookie } from '../cookie/session-cookie.ts'
import { setCookie } from '../cookie/set-cookie.ts'
import { isSessionError } from '../errors.ts'
import { jsonCodec } from '../record/codec.ts'
import { boundedStore } from '../waiting/bounded-store.ts'
import { routingCookie } from './affinity.ts'
import { CommitQueue } from './commit-queue.ts'
import type { Engine } from './engine.ts'
import { healthRecord, type Health } from './health.ts'
import { insecureNotice } from './insecure-notice.ts'
import { blank } from './load-draft.ts'
import { OpenedSession, type CookieSource, type OpenOptions, type OpenSession } from './open-session.ts'
import { checkDataOptions, checkedOptions, checkedSecrets, type SessionOptions } from './options.ts'
import type { Session, SessionData } from './session.ts'
import { timeouts } from './timeouts.ts'
import { UnitOfWork } from './unit-of-work.ts'
import { workInProgress } from './work-in-progress.ts'

/** What `createSessions` makes: one for each kind of session, for the life of the process. */
export interface SessionManager<Data extends object = SessionData> {
  /** One request's session, lazily: nothing is verified and no store asked before its `load`. */
  open(cookie: CookieSource, options?: OpenOptions): OpenSession<Data>
  /**
   * A session outside any request (tests, jobs, callbacks), saved, and the Cookie header that opens it.
   *
   * @example
   * const { cookie } = await sessions.create({ cart: [] }, { subject: 'u1' })
   * const response = await app.request('/cart', { headers: { cookie } })
   */
  create(data: NoInfer<Data>, options?: { readonly subject?: string | undefined }): Promise<{ session: Session<Data>; cookie: string }>
  /**
   * Settles when the store has answered once; for a readiness probe. Tries until `signal` aborts, or for `requestTimeout`.
   *
   * @throws `ERR_UNAVAILABLE`
   */
  ready(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /** How the store has been answering lately, from what it was asked anyway: asks nothing itself. For a liveness probe or a gauge. */
  health(): Health
  /**
   * Waits for what is under way, then closes the store, which copies what it has kept back (`backedUp`): at most `within` milliseconds in
   * all (default 5 s), of which the store is left 100 at least. Close the server first.
   *
   * @throws `ERR_UNAVAILABLE` when the store could not copy everything in time; it is closed all the same
   */
  close(options?: { readonly within?: number | undefined }): Promise<void>
}

/** `type Data = DataOf<typeof sessions>` */
export type DataOf<Manager> = Manager extends SessionManager<infer Data> ? Data : never

/**
 * Makes a session manager. `Data` comes from the type argument, from `schema`, or from a declared `SessionData`.
 *
 * @throws `ERR_OPTION` that names the wrong option, what was given, and what it takes
 * @example
 * const sessions = createSessions<{ cart: string[] }>({
 *   store: redisStore({ url: 'redis://localhost:6379' }),
 *   secrets: [process.env.SESSION_SECRET],
 *   initial: () => ({ cart: [] }),
 * })
 */
export function createSessions<Data extends object = SessionData, Input = Data>(
  options: SessionOptions<Data, Input>,
): SessionManager<Data> {
  const checked = checkedOptions(options)
  const secrets = checkedSecrets(options.secrets)
  checkDataOptions(options)
  const { store, clock } = checked
  const health = healthRecord(clock)
  const work = workInProgress()
  const tokenLine = setCookie(options.cookie)
  const freshnessLine = setCookie({ ...options.cookie, name: `${tokenLine.name}-version` })
  const taken = [tokenLine.name, freshnessLine.name]
  const engine: Engine<Data> = {
    ...checked,
    store: boundedStore(store, {
      timeout: Math.min(checked.operationTimeout, checked.requestTimeout),
      option: 'operationTimeout',
      name: 'The session store',
      answered: health.answered,
      failed: ({ status }) => void (status === 503 && health.failed()),
    }),
    answersFromCopies: store.answersFromCopies === true,
    codec: options.codec ?? jsonCodec,
    known: options.codec === undefined && options.schema === undefined ? new WeakMap() : undefined,
    schema: options.schema as Engine<Data>['schema'],
    initial: (options.initial as (() => Data) | undefined) ?? (() => ({}) as Data),
    timeouts: timeouts(checked.idleTimeout, checked.absoluteTimeout, checked.strict),
    cookie: {
      token: sessionCookie(secrets, tokenLine.name),
      tokenLine,
      freshness: freshnessCookie(secrets, tokenLine.name),
      freshnessLine,
    },
    routing: options.affinity === undefined ? undefined : routingCookie(options.affinity, options.cookie, taken),
    noticeInsecure: tokenLine.secure === true ? insecureNotice(tokenLine.name) : undefined,
    work,
  }

  return {
    open: (cookie, openOptions) => new OpenedSession(engine, cookie, openOptions),

    async create(data, { subject } = {}) {
      const draft = blank(engine, 'new')
      const session = new UnitOfWork(engine, draft, new CommitQueue(engine, draft))
      session.data = data
      session.regenerate({ subject })
      await session.save()
      const value = engine.cookie.token.write(draft.token as string, engine.timeouts.absolute(session.createdAt))
      return { session, cookie: `${tokenLine.name}=${value}` }
    },

    async ready({ signal } = {}) {
      const until = performance.now() + checked.requestTimeout
      for (;;) {
        try {
          await engine.store.get(probeKey, { fresh: true, signal })
          return
        } catch (error) {
          if (!isSessionError(error) || error.status !== 503 || (signal === undefined && performance.now() >= until)) throw error
          await sleep(probePause, undefined, { signal })
        }
      }
    },

    health: health.read,

    async close({ within = 5_000 } = {}) {
      const until = performance.now() + within
      await work.finished(within)
      await store.close?.({ within: Math.max(until - performance.now(), leastForTheStore) })
    },
  }
}

// Of the form of every key, and of no token.
const probeKey = createHash('sha256').update('holdfast: is the store there?').digest('base64url')
const probePause = 50

/** Milliseconds that the store is given to close in, however long other things took. */
const leastForTheStore = 100
