import { randomInt } from 'node:crypto'
import { emitWarning } from 'node:process'
import { Redis, type RedisOptions } from 'ioredis'
import type { Credentials, RedisAddress } from '../redis-address.ts'
import { connectorTo } from './connector.ts'
import type { RedisClient } from './redis-client.ts'
import { connectionProblem, isErrorReply, isRefusal } from './redis-errors.ts'
import { passwordInTime } from '../../../waiting/password-in-time.ts'
import { silenceWatch, type SilenceWatch } from '../../../waiting/silence-watch.ts'

/** A connection to one server, with what is known about it. */
export interface Link<Client extends RedisClient = RedisClient> {
  readonly client: Client
  /** How messages name the server. */
  readonly where: string
  /** Whether commands can be sent. */
  readonly isReady: boolean
  /** The last thing that went wrong with the connection, for messages. */
  readonly problem: string | undefined
  /** While set, calls fail at once with these words: no waiting will help. */
  readonly refusal: string | undefined
  /** Whether it was closed for good, by its owner. */
  readonly hasEnded: boolean
  /** Told of each command that is sent, and of what became of it. */
  readonly replies: SilenceWatch
  /** Connects, unless it has. */
  start(): void
  /** Call when a command could not be sent. */
  broken(): void
  /** Gives this connection up for another one to the same name, which may be another server by now. */
  drop(problem: string): void
  close(): Promise<void>
}

export interface LinkOptions {
  /** Makes the client of one connection, which has to have these options beside its own. Throws while there is nobody to connect to. */
  readonly make: (needed: NeededOptions) => Redis | Promise<Redis>
  readonly where: string
  /** What CLIENT LIST calls it. Default `holdfast`. */
  readonly connectionName?: string
  /** What is asked of the server on each new connection. Answers why sessions cannot be kept there; rejects where it is not ready yet. */
  readonly greet: (client: Redis) => Promise<string | undefined>
  /** It has become ready, or has been lost, or refuses. */
  readonly changed: () => void
}

/**
 * Clients of our own, one after the other: each lives for one connection, since a client of ioredis that has lost its connection in the
 * middle of its handshake may hold itself ready for good (ioredis 5). What its options are for: nothing waits in a queue of the client's,
 * where a command that everyone has given up on would still be executed later; and nothing is sent twice by the client, which does not know
 * what may be. We connect again soon and for ever, with a password that is asked for each time.
 */
export function openLink({ make, where, connectionName = 'holdfast', greet, changed }: LinkOptions): Link<Redis> {
  let client = new Redis({ lazyConnect: true })
  let isStarted = false
  /** Whether the client is connecting or connected, as far as we are concerned. */
  let isInUse = false
  let isReady = false
  let isClosed = false
  let attempts = 0
  let problem: string | undefined
  let refusal: string | undefined
  let timer: NodeJS.Timeout | undefined
  const watch = silenceWatch(() => drop('it is connected, but does not answer'))

  async function connect(): Promise<void> {
    const own = await make({ ...needed, connectionName })
    if (isClosed) return
    client = own
    isInUse = true
    // The handshake too is answered, or the server is silent.
    let isShakingHands = false
    const handsShaken = (): void => {
      if (isShakingHands) watch.forget()
      isShakingHands = false
    }
    own.on('error', (error: unknown) => {
      if (own === client) noteError(error)
    })
    own.once('connect', () => {
      isShakingHands = true
      watch.expect()
    })
    own.once('ready', () => {
      handsShaken()
      if (own === client) void welcome(own)
    })
    own.once('end', () => {
      handsShaken()
      if (own === client) lost()
    })
    own.connect().catch(() => {})
  }

  function connectNow(): void {
    problem ??= 'it is being connected to'
    connect().catch((error: Error) => {
      problem = error.message
      connectLater()
    })
  }

  function connectLater(): void {
    attempts += 1
    if (!isClosed) timer = setTimeout(connectNow, retryDelay(attempts, refusal !== undefined))
  }

  async function welcome(own: Redis): Promise<void> {
    watch.expect()
    let found: string | undefined
    try {
      found = await greet(own)
      watch.heard()
    } catch (error) {
      if (isErrorReply(error)) watch.heard()
      else watch.forget()
      if (!isErrorReply(error) || own !== client || !isInUse) return
      noteError(error)
      return drop(connectionProblem(error))
    }
    if (own !== client || !isInUse || isClosed) return
    refusal = found
    if (found === undefined) {
      isReady = true
      attempts = 0
      problem = undefined
    } else timer = setTimeout(() => own === client && void welcome(own), lookAgainAfter).unref()
    changed()
  }

  function noteError(error: unknown): void {
    problem = connectionProblem(error)
    if (!isErrorReply(error) || !isRefusal(error)) return
    const words = `${where} refused the connection: ${problem}`
    if (refusal === undefined) emitWarning(words, { type: 'HoldfastWarning', code: 'HOLDFAST_REDIS_REFUSED' })
    refusal = words
    changed()
  }

  function lost(): void {
    if (!isInUse) return
    isInUse = false
    // Whatever it says of itself from now on.
    client.disconnect()
    watch.isSuspect = false
    const wasReady = isReady
    isReady = false
    if (wasReady) changed()
    connectLater()
  }

  function drop(why: string): void {
    problem = why
    lost()
  }

  return {
    get client() {
      return client
    },
    where,
    replies: watch,
    get isReady() {
      return isReady && client.status === 'ready'
    },
    get problem() {
      return problem
    },
    get refusal() {
      return refusal
    },
    get hasEnded() {
      return isClosed
    },
    start() {
      if (isStarted || isClosed) return
      isStarted = true
      connectNow()
    },
    broken: () => drop('the connection was lost'),
    drop,
    async close() {
      isClosed = true
      clearTimeout(timer)
      // QUIT lets the answers of commands under way arrive first.
      watch.expect()
      if (isReady) await client.quit().catch(() => {})
      watch.forget()
      isReady = false
      client.disconnect()
    },
  }
}

/** Makes clients with a password that is asked for each time. What the function throws is not repeated. */
export function ownClients(address: RedisAddress, { username, password }: Credentials): LinkOptions['make'] {
  const connectTimeout = address.tls === undefined ? 300 : needed.connectTimeout
  const Connector = connectorTo(address, needed.disconnectTimeout)
  return async (options) => {
    const given = await passwordInTime(password()).catch(() => {
      throw new Error('the function given as password failed, or gave no string within 5 s')
    })
    return new Redis({
      ...address,
      ...(username === undefined ? {} : { username }),
      ...(given === undefined ? {} : { password: given }),
      ...options,
      connectTimeout,
      Connector,
    })
  }
}

const needed = {
  lazyConnect: true,
  disableClientInfo: true,
  enableAutoPipelining: true,
  enableOfflineQueue: false,
  enableReadyCheck: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 1_000,
  disconnectTimeout: 1,
  // Load balancers forget connections that are idle for minutes, and say nothing.
  keepAlive: 10_000,
  retryStrategy: () => null,
} satisfies RedisOptions

/** The options without which a client of ioredis is no connection as we need it. */
export type NeededOptions = typeof needed & { readonly connectionName: string }

/** How soon a clock that was refused is looked at again, in milliseconds. */
const lookAgainAfter = 2_000

/**
 * Almost at once after a connection that was good: a server that was just promoted, or told of another primary, cuts them all. Then soon,
 * but not all processes together; slowly where it has long been of no use, or a person has to act first (a wrong password).
 */
function retryDelay(attempt: number, wasRefused: boolean): number {
  if (attempt === 1 && !wasRefused) return randomInt(10)
  const most = wasRefused ? 2_000 : attempt > 200 ? 500 : Math.min(20 * attempt, 100)
  return Math.ceil(most / 2) + randomInt(most)
}
