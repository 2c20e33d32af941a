import { emitWarning } from 'node:process'
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import { sessionError } from '../../../errors.ts'
import type { StoreOptions } from '../../../record/store.ts'
import { waiters as newWaiters } from '../../../waiting/waiters.ts'
import type { Credentials, MemcachedPlace } from '../memcached-address.ts'
import { openConnection, problemIn, tookTooLong, type Answer, type Connection } from './connection.ts'
import { bareQuestion, opcodes, type Question } from './questions.ts'
import { restAfter } from './rest-after.ts'
import { userFrom, type SignIn } from './user-from.ts'

/**
 * What may be done about a question whose answer did not come:
 * - `read`: it changes nothing, so it is asked again on another connection, once;
 * - `repeatable`: twice is the same as once, so it is asked again, but whether it was done may stay unknown;
 * - `once`: the caller settles it.
 */
export type AskKind = 'read' | 'repeatable' | 'once'

/** The way to one server: one connection after the other. */
export interface Link {
  /** How messages name the server. */
  readonly where: string
  /** The connection that questions go to now. */
  readonly current: Connection | undefined
  /** Why there is none; undefined too before the first question. */
  readonly problem: string | undefined
  ask(kind: AskKind, question: Question, options: StoreOptions | undefined): Promise<Answer>
  askMany(question: Question): Promise<Answer[]>
  close(): Promise<void>
}

export interface LinkOptions {
  readonly place: MemcachedPlace
  readonly name: string
  readonly tls: TlsOptions | undefined
  readonly credentials: Credentials
  readonly longestBody: number
  /** Whether there are other servers to ask: then nobody waits for the next attempt after one that failed. */
  readonly hasOthers: () => boolean
}

/** Milliseconds that a call without a signal waits for a server. */
const waitAtMost = 2_000

export function openLink({ place, name, tls, credentials, longestBody, hasOthers }: LinkOptions): Link {
  const where = `Memcached at ${name}`
  const waiters = newWaiters()
  let current: Connection | undefined
  /** Also while it is not yet of use. */
  let latest: Connection | undefined
  let isStarted = false
  let isResting = false
  let isClosed = false
  /** Attempts that have failed since the last one that did not, and in all. */
  let failures = 0
  let failuresInAll = 0
  /** Attempts that have taken too long since the last one that was good. */
  let givenUp = 0
  let problem: string | undefined
  let refusal: string | undefined
  let timer: NodeJS.Timeout | undefined

  async function connect(): Promise<void> {
    isResting = false
    let user: SignIn | undefined
    try {
      user = await userFrom(credentials)
    } catch {
      return failed('the function given as password failed, or gave no string within 5 s', false)
    }
    if (isClosed) return
    try {
      latest = openConnection({ place, tls, user, longestBody, givenUp, ready, ended })
    } catch (error) {
      failed(`the options given as tls are wrong: ${problemIn(error)}`, false)
    }
  }

  function ready(connection: Connection): void {
    current = connection
    failures = 0
    givenUp = 0
    problem = undefined
    refusal = undefined
    waiters.wake()
  }

  function ended(connection: Connection, words: string, isRefusal: boolean): void {
    const wasGood = connection === current && !isRefusal
    current = undefined
    if (words === tookTooLong) givenUp += 1
    if (!wasGood) return failed(words, isRefusal)
    problem = words
    connectLater(false)
  }

  function failed(words: string, isRefusal: boolean): void {
    problem = words
    failures += 1
    failuresInAll += 1
    if (isRefusal) refuse(`${where} refused the connection: ${words}.`)
    connectLater(isRefusal)
    waiters.wake()
  }

  function refuse(words: string): void {
    if (refusal === undefined && !isClosed) emitWarning(words, { type: 'HoldfastWarning', code: 'HOLDFAST_MEMCACHED_REFUSED' })
    refusal = words
  }

  function connectLater(wasRefused: boolean): void {
    isResting = true
    if (!isClosed) timer = setTimeout(() => void connect(), restAfter(failures, wasRefused))
  }

  async function connected(options: StoreOptions | undefined): Promise<Connection> {
    const failuresBefore = failuresInAll
    const until = performance.now() + waitAtMost
    for (;;) {
      if (isClosed) throw sessionError('ERR_UNAVAILABLE', 'The memcachedStore was closed. Make a new one to go on.')
      if (current !== undefined) return current
      if (refusal !== undefined) throw sessionError('ERR_UNAVAILABLE', refusal)
      const hasFailed = failuresInAll > failuresBefore || (isResting && failures > 0)
      if (hasFailed && hasOthers()) throw sessionError('ERR_UNAVAILABLE', notReady())
      if (!isStarted) {
        isStarted = true
        void connect()
      }
      await waiters.wait(options, until, notReady)
    }
  }

  function notReady(): string {
    return `${where} is not ready (${problem ?? 'it is being connected to'}). Check that it runs and can be reached.`
  }

  async function asked<T>(kind: AskKind, options: StoreOptions | undefined, send: (connection: Connection) => Promise<T>): Promise<T> {
    for (let isSecond = false; ; isSecond = true) {
      let own = isClosed ? undefined : current
      try {
        // What was there a moment ago may be lost already.
        while (own === undefined || own !== current) own = await connected(options)
      } catch (error) {
        // What was asked before may have been done.
        if (isSecond && kind === 'repeatable') throw unknownOutcome()
        throw error
      }
      try {
        return await send(own)
      } catch {
        // Whoever has given up must not have it done later.
        const isLast = isSecond || options?.signal?.aborted === true
        if (kind === 'once' || (isLast && kind === 'repeatable')) throw unknownOutcome()
        if (isLast) throw sessionError('ERR_UNAVAILABLE', `${where} did not answer: the connection was lost.`)
      }
    }
  }

  function unknownOutcome(): Error {
    return sessionError('ERR_OUTCOME_UNKNOWN', `${where} did not answer: the connection was lost. The change may have been applied.`)
  }

  return {
    where,
    get current() {
      return current
    },
    get problem() {
      return problem
    },
    ask: (kind, question, options) => asked(kind, options, (connection) => connection.ask(question)),
    askMany: (question) => asked('read', undefined, (connection) => connection.askMany(question)),
    async close() {
      isClosed = true
      clearTimeout(timer)
      // The answers that are owed come first.
      await current?.ask(bareQuestion(opcodes.quit)).catch(() => {})
      latest?.end('it was closed')
      clearTimeout(timer)
      waiters.wake()
    },
  }
}
