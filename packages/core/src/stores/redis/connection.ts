import { randomInt } from 'node:crypto'
import { Redis } from 'ioredis'
import type { RedisClient } from './redis-client.ts'
import { codeOf, connectionProblem, isErrorReply, isRefusal } from './redis-errors.ts'
import type { RedisAddress } from './redis-options.ts'
import type { Readiness } from './readiness.ts'
import { readinessOf } from './readiness.ts'
import { silenceWatch, type SilenceWatch } from './silence-watch.ts'

/** A client with what is known about its server. */
export interface Connection {
  readonly client: RedisClient
  readonly readiness: Readiness
  /** How messages name the server. */
  readonly where: string
  /** Told of each command that is sent, and of what became of it. */
  readonly replies: SilenceWatch
  /** Whether this error reply makes the client look for another server, so that the command is worth sending again. */
  movesOnAfter(error: unknown): boolean
  close(): Promise<void>
}

/** How long a call without a signal waits for a connection, in milliseconds. */
const waitAtMost = 2_000

const nobodyWatches: SilenceWatch = { expect() {}, heard() {}, forget() {} }

/** The user's client: theirs to configure and to close. */
export function borrowedConnection(client: RedisClient): Connection {
  const where = 'Redis (on the client that was handed in)'
  const readiness = readinessOf(client, { where, waitAtMost: Infinity, mayEnd: true })
  return {
    client,
    readiness,
    where,
    replies: nobodyWatches,
    movesOnAfter: () => false,
    async close() {
      readiness.close()
    },
  }
}

/**
 * A client of our own. What its options are for: nothing waits in a queue of the client's, where a command that everyone
 * has given up on would still be executed later; nothing is sent twice by the client, which does not know what may be;
 * and a lost connection is made again soon, for ever.
 */
export function ownConnection(address: RedisAddress): Connection {
  const where = `Redis at ${address.host}:${address.port}`
  let isClosing = false
  const client = new Redis({
    ...address,
    lazyConnect: true,
    connectionName: 'holdfast',
    disableClientInfo: true,
    enableAutoPipelining: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    maxLoadingRetryTime: 250,
    connectTimeout: 300,
    disconnectTimeout: 20,
    retryStrategy: (attempt) => retryDelay(attempt, readiness.refusal !== undefined),
    reconnectOnError: movesOnAfter,
  })
  const readiness = readinessOf(client, { where, waitAtMost, mayEnd: false })
  const watch = silenceWatch(() => {
    readiness.problem = 'it is connected, but does not answer'
    readiness.broken()
    client.disconnect(true)
  })

  client.on('error', (error: unknown) => {
    readiness.problem = connectionProblem(error)
    if (isErrorReply(error) && isRefusal(error)) readiness.refusal = `${where} refused the connection: ${readiness.problem}`
  })
  // The handshake too is answered, or the server is silent.
  let isShakingHands = false
  client.on('connect', () => {
    if (!isShakingHands) watch.expect()
    isShakingHands = true
  })
  client.on('ready', () => {
    if (isShakingHands) watch.heard()
    isShakingHands = false
  })
  client.on('close', () => {
    if (isShakingHands) watch.forget()
    isShakingHands = false
  })
  // ioredis gives up for good on some errors; we do not.
  client.on('end', () => {
    if (!isClosing) setTimeout(connectAgain, retryDelay(5, false))
  })
  function connectAgain(): void {
    if (!isClosing) client.connect().catch(() => {})
  }

  return {
    client,
    readiness,
    where,
    replies: watch,
    movesOnAfter,
    async close() {
      isClosing = true
      const wasReady = readiness.isReady
      readiness.close()
      // QUIT lets the answers of commands under way arrive first.
      watch.expect()
      if (wasReady) await client.quit().catch(() => {})
      watch.forget()
      client.disconnect()
    },
  }
}

/** Replies of a server that is no longer the primary: what the name stands for may be another one by now. */
function movesOnAfter(error: unknown): boolean {
  return isErrorReply(error) && ['READONLY', 'MASTERDOWN'].includes(codeOf(error))
}

/** Soon, but not all processes at once; slowly where a person has to act first, such as after a wrong password. */
function retryDelay(attempt: number, wasRefused: boolean): number {
  const most = wasRefused ? 2_000 : Math.min(20 * attempt, 100)
  return Math.ceil(most / 2) + randomInt(most)
}
