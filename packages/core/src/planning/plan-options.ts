import { kindOf, optionError, shown } from '../errors.ts'
import { largestOnMemcached, type FleetEngine } from './stored-bytes.ts'

/** What a fleet of independent nodes has to hold and to bear. */
export interface FleetOptions {
  /**
   * How many sessions there are at one time: those that were begun within the last `idleTimeout`, and those that are in use for longer. One
   * that has ended stays as a short record for the rest of that time, so count it as well.
   */
  readonly sessions: number
  /** What `JSON.stringify(session.data)` gives, in bytes. Where sizes differ much, take a large one, not the mean. */
  readonly bytesPerSession: number
  /** Requests that ask for their session, in the busiest second. */
  readonly requestsPerSecond: number
  /**
   * What one node may hold, in bytes: `maxmemory` of a Redis, `-m` of a memcached. The process takes more than that: leave a quarter of
   * the machine for buffers, fragments and the system.
   */
  readonly nodeMemoryBytes: number
  /** What the sessions are kept on: it decides how much memory one takes. */
  readonly engine: FleetEngine
  /** The share of the requests that change their session, or renew it. Default 0.25. */
  readonly writeShare?: number | undefined
  /** How many nodes have each session: the `copies` of the ring. Default 1. */
  readonly copies?: number | undefined
  /**
   * The store calls that one node answers in a second, with times that you accept: measure it on yours. Default 20,000, which one core
   * can do.
   */
  readonly nodeRequestsPerSecond?: number | undefined
  /** How many nodes may be down at once: the others carry everything. Default 1. */
  readonly nodesDown?: 1 | 2 | 3 | undefined
  /** The largest share of the sessions that may be lost when `nodesDown` nodes die at once. Default 1/3. */
  readonly acceptableLossShare?: number | undefined
  /**
   * The largest share of a node's memory that is planned to be full, also while nodes are down: a full node evicts, and people are signed
   * out. What is left is for a busier day, and for sizes that differ: servers round each up, so that a mixture of sizes takes up to an
   * eighth more than as many of their mean. Default 0.75.
   */
  readonly fillAtMost?: number | undefined
}

// Of 31,000 that redis-benchmark saw one Redis 7.0.15 answer (GET, 900 bytes, 50 connections, no pipelining), on two busy cores.
const defaultNodeRequests = 20_000

/** The options with their defaults. */
export type CheckedFleetOptions = { readonly [Option in keyof FleetOptions]-?: Exclude<FleetOptions[Option], undefined> }

/** Throws `ERR_OPTION` for what is wrong. */
export function checkedFleetOptions(options: FleetOptions): CheckedFleetOptions {
  if (typeof options !== 'object' || options === null)
    throw optionError('planFleet(options)', kindOf(options), 'an object: { sessions: 1_000_000, … }')
  const { sessions, bytesPerSession, requestsPerSecond, nodeMemoryBytes, engine } = options
  const { writeShare = 0.25, copies = 1, nodeRequestsPerSecond = defaultNodeRequests, nodesDown = 1 } = options
  const { acceptableLossShare = 1 / 3, fillAtMost = 0.75 } = options
  for (const [option, given, takes] of [
    ['sessions', sessions, 'a number above 0: how many there are at one time'],
    ['bytesPerSession', bytesPerSession, "a number above 0: bytes of a session's data as JSON"],
    ['requestsPerSecond', requestsPerSecond, 'a number above 0: requests in the busiest second'],
    ['nodeMemoryBytes', nodeMemoryBytes, 'a number above 0: bytes, such as 4 * 1024 ** 3'],
    ['nodeRequestsPerSecond', nodeRequestsPerSecond, 'a number above 0: store calls that one node answers in a second'],
  ] as const)
    if (typeof given !== 'number' || !(given > 0 && given < Infinity)) throw wrong(option, given, takes)
  if (engine !== 'redis' && engine !== 'memcached') throw wrong('engine', engine, "'redis' or 'memcached'")
  if (!isShare(writeShare)) throw wrong('writeShare', writeShare, 'a share, from 0 to 1')
  if (!Number.isSafeInteger(copies) || copies < 1 || copies > 10) throw wrong('copies', copies, 'a whole number from 1 to 10')
  if (nodesDown !== 1 && nodesDown !== 2 && nodesDown !== 3) throw wrong('nodesDown', nodesDown, '1, 2 or 3')
  if (!isShare(acceptableLossShare)) throw wrong('acceptableLossShare', acceptableLossShare, 'a share, from 0 to 1')
  if (acceptableLossShare === 0 && copies <= nodesDown)
    throw wrong('acceptableLossShare', 0, `0 only with more copies than nodesDown: set copies to ${nodesDown + 1}`)
  if (!isShare(fillAtMost) || fillAtMost === 0) throw wrong('fillAtMost', fillAtMost, 'a share, above 0 and up to 1')
  const largest = largestOnMemcached()
  if (engine === 'memcached' && bytesPerSession > largest)
    throw wrong('bytesPerSession', bytesPerSession, `at most ${largest} on memcached, whose default -I refuses larger ones`)
  return {
    sessions,
    bytesPerSession,
    requestsPerSecond,
    nodeMemoryBytes,
    engine,
    writeShare,
    copies,
    nodeRequestsPerSecond,
    nodesDown,
    acceptableLossShare,
    fillAtMost,
  }
}

function isShare(given: unknown): given is number {
  return typeof given === 'number' && given >= 0 && given <= 1
}

function wrong(option: string, given: unknown, takes: string): Error {
  return optionError(`planFleet({ ${option} })`, shown(given), takes)
}
