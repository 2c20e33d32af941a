import { optionError } from '../errors.ts'
import { lossShare, movedShare } from './loss-share.ts'
import { checkedFleetOptions, type CheckedFleetOptions, type FleetOptions } from './plan-options.ts'
import { reasonsOf } from './plan-reasons.ts'
import { storedBytes, type FleetEngine } from './stored-bytes.ts'

/** What can decide how many nodes there have to be. */
export type FleetLimit = 'memory' | 'traffic' | 'risk'

/** How much one node has to do. */
export interface NodeLoad {
  /** The share of a node's memory that sessions take. */
  readonly memoryShareUsed: number
  /** Store calls to one node in a second. */
  readonly requestsPerNodePerSecond: number
}

/** How many nodes to take, and what follows. Plain data: log it, keep it, assert it. */
export interface FleetPlan extends NodeLoad {
  readonly nodes: number
  /** What wants so many nodes; of several, the first of memory, traffic, risk. */
  readonly decidedBy: FleetLimit
  /** How many nodes each of them wants. */
  readonly nodesFor: Readonly<Record<FleetLimit, number>>
  readonly engine: FleetEngine
  readonly copies: number
  readonly sessions: number
  /** What one copy of a session takes of a node's memory, in bytes, with its key and what the server keeps beside it. */
  readonly bytesPerSessionStored: number
  /** How many nodes may be down at once. */
  readonly nodesDown: number
  /** The load of each of the others then; null where there are none. */
  readonly whileDown: NodeLoad | null
  /** The share of the sessions that are lost when 1, 2 or 3 nodes die at once. One after the other they lose less: what is used is copied anew. */
  readonly lossShare: Readonly<Record<1 | 2 | 3, number>>
  /** How many sessions that is. */
  readonly sessionsLost: Readonly<Record<1 | 2 | 3, number>>
  /** The share of the sessions that have a copy on a node that is added: each is written there once, and none moves between the others. */
  readonly movedShareByOneMore: number
  /** The same for people, a sentence each. */
  readonly reasons: readonly string[]
}

/** More are no fleet of one ring: each call weighs all of its nodes. */
const mostNodes = 1_000

/**
 * How many nodes to take for sessions on independent servers, as `memcachedStore` and `ring` use them: enough for their memory, for their
 * traffic, and for what may be lost with a node. Memory and traffic are carried by what is left while `nodesDown` nodes are down.
 *
 * A request asks every owner of its session once, and once more to change it: with two copies, twice the calls. While a node is down
 * others take its place, as they do with `onNodeDown: 'next'`. What a session takes was measured on Redis 7.0.15 and memcached 1.6.18.
 * All nodes count as equal.
 *
 * @throws `ERR_OPTION` for an option that is wrong, and where 1,000 nodes would not do
 * @example
 * const plan = planFleet({
 *   engine: 'memcached',
 *   sessions: 2_000_000,
 *   bytesPerSession: 700,
 *   requestsPerSecond: 30_000,
 *   nodeMemoryBytes: 2 * 1024 ** 3,
 *   copies: 2,
 * })
 * console.log(plan.nodes, plan.decidedBy) // 5 'traffic'
 * console.log(plan.reasons.join('\n'))
 */
export function planFleet(options: FleetOptions): FleetPlan {
  const checked = checkedFleetOptions(options)
  const { sessions, engine, copies, nodesDown } = checked
  const { bytes, calls, bytesPerSessionStored } = totalsOf(checked)
  const nodesFor = {
    memory: nodesToCarry(checked, bytes, 'nodeMemoryBytes', checked.fillAtMost),
    traffic: nodesToCarry(checked, calls, 'nodeRequestsPerSecond', 1),
    risk: nodesForRisk(checked),
  }
  const nodes = Math.max(...Object.values(nodesFor))
  const decidedBy = (['memory', 'traffic', 'risk'] as const).find((limit) => nodesFor[limit] === nodes) as FleetLimit

  function load(up: number): NodeLoad {
    const made = Math.min(copies, up)
    return { memoryShareUsed: (bytes * made) / up / checked.nodeMemoryBytes, requestsPerNodePerSecond: Math.ceil((calls * made) / up) }
  }
  const shares = { 1: lossShare(nodes, copies, 1), 2: lossShare(nodes, copies, 2), 3: lossShare(nodes, copies, 3) }
  const plan = {
    nodes,
    decidedBy,
    nodesFor,
    engine,
    copies,
    sessions,
    bytesPerSessionStored,
    ...load(nodes),
    nodesDown,
    whileDown: nodes > nodesDown ? load(nodes - nodesDown) : null,
    lossShare: shares,
    sessionsLost: { 1: Math.round(shares[1] * sessions), 2: Math.round(shares[2] * sessions), 3: Math.round(shares[3] * sessions) },
    movedShareByOneMore: movedShare(nodes, copies),
  }
  return { ...plan, reasons: reasonsOf(plan, checked) }
}

/** What one node alone would have to hold, and to answer in a second: each copy that there is more adds as much. */
function totalsOf({ engine, sessions, bytesPerSession, requestsPerSecond, writeShare }: CheckedFleetOptions) {
  const bytesPerSessionStored = Math.ceil(storedBytes(engine, bytesPerSession))
  // Whole calls: 30,000 * 1.1 is a bit more than 33,000.
  return { bytesPerSessionStored, bytes: sessions * bytesPerSessionStored, calls: Math.round(requestsPerSecond * (1 + writeShare)) }
}

/**
 * With `nodesDown` of them down: the copies that were there are made again on the others. Where one node can carry everything, so can any
 * number, and how many there have to be is not for this to say.
 */
function nodesToCarry(
  { copies, nodesDown, ...options }: CheckedFleetOptions,
  total: number,
  option: 'nodeMemoryBytes' | 'nodeRequestsPerSecond',
  share: number,
): number {
  const limit = options[option] * share
  if (total <= limit) return 1
  const nodes = Math.ceil((copies * total) / limit) + nodesDown
  if (nodes <= mostNodes) return nodes
  const least = Math.ceil((copies * total) / (mostNodes - nodesDown) / share)
  throw optionError(`planFleet({ ${option} })`, String(options[option]), `at least ${least} here, so that ${mostNodes} nodes do`)
}

function nodesForRisk({ copies, nodesDown, acceptableLossShare }: CheckedFleetOptions): number {
  for (let nodes = copies; nodes <= mostNodes; nodes++)
    if (lossShare(nodes, copies, nodesDown) <= acceptableLossShare + Number.EPSILON) return nodes
  const least = lossShare(mostNodes, copies, nodesDown)
  throw optionError('planFleet({ acceptableLossShare })', String(acceptableLossShare), `at least ${least} here, or more copies`)
}
