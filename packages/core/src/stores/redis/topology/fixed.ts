import { publish } from '../../../events.ts'
import { openNode, type OwnNode, type RedisNode } from '../node/redis-node.ts'
import { replyProblem } from '../node/redis-errors.ts'
import type { Credentials, RedisAddress } from '../redis-address.ts'
import { replicaWatch } from './replica-watch.ts'
import type { Topology } from './topology.ts'

/** One server: an own one, or that behind a client that was handed in. */
export function singleServer(node: RedisNode): Topology {
  return {
    primaryFor: () => node,
    primaries: () => [node],
    replicasFor: () => [],
    isPrimary: () => true,
    start: () => node.link.start(),
    doubt: () => node.link.drop('it is a replica'),
    problem: () => problemOf(node),
    close: () => node.close(),
  }
}

/** What the servers that have changed their part are told apart by. */
export interface FixedServers {
  readonly primary: RedisAddress
  readonly replicas: readonly RedisAddress[]
  readonly credentials: Credentials
  readonly promptWithin: number
  readonly maxReplicaAge: number
  readonly changed: () => void
}

/** How long the server in `url` is waited for at the start before another one that says it is the primary is believed, in milliseconds. */
const firstLook = 500

/** How long a primary that has become a replica is believed to be one before it is connected to anew, in milliseconds. */
const connectAgainAfter = 250

/**
 * Servers that do not change, only their parts do: an operator or a managed service promotes one of them, or puts another server behind a
 * name. The primary is whoever says so; the one that was it keeps being it while nobody else does.
 */
export function fixedServers({ primary, replicas, credentials, promptWithin, maxReplicaAge, changed }: FixedServers): Topology {
  const nodes = [primary, ...replicas].map((address) => openNode({ address, credentials, promptWithin, changed: update }))
  const watch = replicaWatch(() => nodes, maxReplicaAge)
  let current = nodes[0]!
  let others: readonly OwnNode[] = nodes.slice(1)
  let connectAgain: NodeJS.Timeout | undefined
  /** `performance.now()` */
  let firstLookUntil = Infinity

  function update(): void {
    const promoted = nodes.find(isPromoted)
    if (promoted !== undefined) {
      const from = current
      current = promoted
      others = nodes.filter((node) => node !== promoted)
      publish('failover', () => ({ from: from.name, to: promoted.name }))
      from.depose()
    } else if (current.replication?.role === 'replica') connectAgain ??= setTimeout(resolveAnew, connectAgainAfter).unref()
    changed()
  }

  /** Nobody of ours says that it is the primary: the name may lead to it by now, and only a new connection finds out. */
  function resolveAnew(): void {
    connectAgain = undefined
    if (current.replication?.role === 'replica') current.link.drop('it is a replica')
  }

  /** One that says it is the primary, where the one that was says it is not; or that was made one in place of one that is gone. */
  function isPromoted(node: OwnNode): boolean {
    if (node === current || !node.link.isReady || node.replication?.role !== 'primary') return false
    if (current.link.isReady) return current.replication?.role === 'replica'
    // Or was made one before this process began, which has never seen the one that is gone.
    const isSuccessor =
      current.replication === undefined && performance.now() > firstLookUntil && /[^0]/.test(node.replication.formerHistory ?? '0')
    return current.replication?.role === 'replica' || node.wasPromoted || isSuccessor
  }

  return {
    // A replica that nobody has replaced yet would refuse a change, or answer it with what it has of old.
    primaryFor: () => (current.replication?.role === 'replica' ? undefined : current),
    primaries: () => [current],
    replicasFor: () => (current.replication?.role === 'replica' ? nodes : others),
    isPrimary: (node) => node === current && current.replication?.role !== 'replica',
    start() {
      if (firstLookUntil < Infinity) return
      firstLookUntil = performance.now() + firstLook
      setTimeout(update, firstLook + 1).unref()
      for (const node of nodes) node.link.start()
      watch.start()
    },
    doubt() {
      for (const node of nodes) void node.look()
    },
    problem: () => (current.replication?.role === 'replica' ? `READONLY: ${current.link.where} is a replica` : problemOf(current)),
    async close() {
      clearTimeout(connectAgain)
      watch.close()
      await Promise.all(nodes.map((node) => node.close()))
    },
  }
}

export function problemOf(node: RedisNode): string {
  const refused = node.link.isReady ? (node.reads.reason ?? node.changes.reason) : undefined
  if (refused !== undefined) return `${node.link.where} refuses commands for now: ${replyProblem(refused)}`
  if (node.link.hasEnded) return `${node.link.where} cannot be asked: the client was closed. Close it after the sessions.`
  return `${node.link.where} is not ready (${node.link.problem}). Check that it runs and can be reached.`
}
