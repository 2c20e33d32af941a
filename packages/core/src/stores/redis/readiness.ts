import type { SessionError } from '../../errors.ts'
import { sessionError } from '../../errors.ts'
import type { StoreOptions } from '../../record/store.ts'
import { clockCheck } from './clock-check.ts'
import type { RedisClient } from './redis-client.ts'

/** Knows whether commands can be sent on a client, and lets calls wait until they can. */
export interface Readiness {
  readonly isReady: boolean
  /** Resolves once commands can be sent. Rejects with `ERR_UNAVAILABLE` when `signal` aborts, the bound passes, or waiting is of no use. */
  wait(options: StoreOptions | undefined): Promise<void>
  /** Call when a command could not be sent: nothing is ready until the client says so again. */
  broken(): void
  /** The last thing that went wrong with the connection, for messages. */
  problem: string | undefined
  /** While set, calls fail at once with these words. */
  refusal: string | undefined
  close(): void
}

export interface ReadinessOptions {
  /** How messages name the server. */
  readonly where: string
  /** Milliseconds that a call without a signal waits. */
  readonly waitAtMost: number
  /** Whether a client whose status is `'end'` was closed for good. */
  readonly mayEnd: boolean
}

interface Waiter {
  ready(): void
  fail(error: SessionError): void
}

export function readinessOf(client: RedisClient, { where, waitAtMost, mayEnd }: ReadinessOptions): Readiness {
  const waiters = new Set<Waiter>()
  const clock = clockCheck(client, where)
  let isReady = false
  let isChecking = false
  let isClosed = false
  let recheck: NodeJS.Timeout | undefined
  let refusal: string | undefined

  client.on('ready', check)
  client.on('close', broken)
  if (mayEnd) client.on('end', ended)

  /** Commands wait for the answer to one, so that no session is judged by a clock that is known to be wrong. */
  function check(): void {
    isReady = false
    isChecking = true
    clock.check().then(
      (verdict) => {
        isChecking = false
        if (isClosed || client.status !== 'ready') return
        readiness.refusal = verdict.refusal
        if (verdict.refusal !== undefined) recheck = setTimeout(check, recheckAfter).unref()
        else opened()
      },
      // The connection was lost meanwhile: the next 'ready' checks again.
      () => {
        isChecking = false
      },
    )
  }

  function opened(): void {
    isReady = true
    readiness.problem = undefined
    for (const waiter of waiters) waiter.ready()
  }

  function broken(): void {
    isReady = false
  }

  function ended(): void {
    failAll(`${where} cannot be asked: the client was closed. Close it after the sessions.`)
  }

  function failAll(words: string): void {
    for (const waiter of waiters) waiter.fail(unavailable(words))
  }

  /** A client that was handed in may be ready long since, or may not have been asked to connect. */
  function start(): void {
    if (client.status === 'ready' && !isChecking) check()
    else if (client.status === 'wait') client.connect().catch(() => {})
  }

  function unavailable(words: string): SessionError {
    return sessionError('ERR_UNAVAILABLE', words)
  }

  function wait(options: StoreOptions | undefined): Promise<void> {
    if (isClosed) return Promise.reject(unavailable('The redisStore was closed. Make a new one to go on.'))
    if (refusal !== undefined) return Promise.reject(unavailable(refusal))
    start()
    const signal = options?.signal
    return new Promise<void>((resolve, reject) => {
      const giveUp = (): void =>
        waiter.fail(unavailable(`${where} is not ready (${readiness.problem}). Check that it runs and can be reached.`))
      const settle = (): void => {
        waiters.delete(waiter)
        clearTimeout(timer)
        signal?.removeEventListener('abort', giveUp)
      }
      const waiter: Waiter = {
        ready() {
          settle()
          resolve()
        },
        fail(error) {
          settle()
          reject(error)
        },
      }
      waiters.add(waiter)
      const timer = signal === undefined && waitAtMost < Infinity ? setTimeout(giveUp, waitAtMost) : undefined
      signal?.addEventListener('abort', giveUp)
      if (signal?.aborted === true) giveUp()
      if (mayEnd && client.status === 'end') ended()
    })
  }

  const readiness: Readiness = {
    get isReady() {
      return isReady && client.status === 'ready'
    },
    wait,
    broken,
    problem: undefined,
    get refusal() {
      return refusal
    },
    set refusal(words) {
      refusal = words
      if (words !== undefined) failAll(words)
    },
    close() {
      isClosed = true
      isReady = false
      clearTimeout(recheck)
      client.off('ready', check)
      client.off('close', broken)
      client.off('end', ended)
      failAll('The redisStore was closed while a call was waiting for Redis.')
    },
  }
  return readiness
}

/** How soon a clock that was refused is looked at again, in milliseconds. */
const recheckAfter = 2_000
