import { publish } from '../../../events.ts'
import { connectionProblem, isErrorReply } from '../node/redis-errors.ts'
import type { OwnNode, RedisNode } from '../node/redis-node.ts'
import type { RedisAddress } from '../redis-address.ts'
import { viewOf, type ShardView } from './cluster-view.ts'
import { problemOf } from './fixed.ts'
import { slotCount, slotOf } from './key-slot.ts'
import { nodePool, type NodePoolOptions } from './node-pool.ts'
import { replicaWatch } from './replica-watch.ts'
import type { Topology } from './topology.ts'

export interface ClusterOptions extends Omit<NodePoolOptions, 'database'> {
  readonly seeds: readonly RedisAddress[]
  readonly maxReplicaAge: number
}

/** Some slots, who has them, and since which epoch. */
interface Shard {
  readonly primary: OwnNode
  readonly replicas: readonly OwnNode[]
  readonly epoch: number
}

const noReplicas: readonly OwnNode[] = []

/** How often the nodes are asked who has what, in milliseconds: now and then, and often while somebody is missing. */
const askEvery = 2_000
const askInDoubtEvery = 100

/**
 * A Redis Cluster. Each slot belongs to the node that claims it with the greatest epoch, whichever node says so: of several views, as they
 * differ during a failover, none has to be believed as a whole.
 */
export function clusterServers({ seeds, maxReplicaAge, ...options }: ClusterOptions): Topology {
  const { changed } = options
  const tls = options.tls ?? seeds.find((seed) => seed.tls !== undefined)?.tls
  const pool = nodePool({ ...options, tls, database: 0, changed: serversChanged })
  const watch = replicaWatch(pool.all, maxReplicaAge)
  const slots: (Shard | undefined)[] = Array.from({ length: slotCount }, () => undefined)
  let seedNodes: readonly OwnNode[] = []
  let primaries: ReadonlySet<OwnNode> = new Set()
  const lastViews = new Map<OwnNode, string>()
  let timer: NodeJS.Timeout | undefined
  let askAgainAt = 0
  const asking = new Set<OwnNode>()
  const refusals = new WeakMap<OwnNode, string>()

  function serversChanged(): void {
    if (isSomebodyMissing()) askAll()
    changed()
  }

  function isSomebodyMissing(): boolean {
    return primaries.size === 0 || [...primaries].some((node) => !node.link.isReady)
  }

  function tick(): void {
    if (performance.now() >= askAgainAt || isSomebodyMissing()) askAll()
  }

  function askAll(): void {
    askAgainAt = performance.now() + askEvery
    for (const node of pool.all()) if (node.link.isReady && !asking.has(node)) void ask(node)
  }

  async function ask(node: OwnNode): Promise<void> {
    asking.add(node)
    node.link.replies.expect()
    try {
      const view = await viewOf(node.link.client, node.host)
      node.link.replies.heard()
      const text = JSON.stringify(view)
      if (lastViews.get(node) !== text) adopt(view)
      lastViews.set(node, text)
      refusals.delete(node)
    } catch (error) {
      if (isErrorReply(error)) {
        node.link.replies.heard()
        refusals.set(node, connectionProblem(error))
      } else node.link.replies.forget()
    }
    asking.delete(node)
  }

  function adopt(view: readonly ShardView[]): void {
    const moves = new Map<string, readonly [from: OwnNode, to: OwnNode]>()
    for (const { primary, replicas, epoch, slots: ranges } of view) {
      const shard: Shard = {
        primary: pool.node(primary.host, primary.port),
        replicas: replicas.map(({ host, port }) => pool.node(host, port)),
        epoch,
      }
      for (const [first, last] of ranges) {
        for (let slot = first; slot <= last; slot++) {
          const before = slots[slot]
          if (before !== undefined && before.epoch > epoch) continue
          if (before !== undefined && before.primary !== shard.primary) moves.set(before.primary.name, [before.primary, shard.primary])
          slots[slot] = shard
        }
      }
    }
    settle(moves.values())
  }

  /** Tells all servers what they are now, and lets go of those that are nothing any more. */
  function settle(moves: Iterable<readonly [from: OwnNode, to: OwnNode]>): void {
    const shards = new Set(slots)
    const owners = new Set([...shards].flatMap((shard) => shard?.primary ?? []))
    const replicas = new Set([...shards].flatMap((shard) => shard?.replicas ?? []).filter((node) => !owners.has(node)))
    primaries = owners
    for (const node of owners) node.answerForCopies(false)
    for (const node of replicas) node.answerForCopies(true)
    for (const [from, to] of moves) {
      // One that only gave slots away is a primary still.
      if (owners.has(from)) continue
      publish('failover', () => ({ from: from.name, to: to.name }))
      from.depose()
      void to.look()
    }
    pool.keep(new Set([...seedNodes, ...owners, ...replicas]))
    changed()
  }

  /** Until somebody's view says more of its shard. */
  function moved(slot: number, primary: OwnNode): void {
    const before = slots[slot]
    if (before?.primary !== primary) slots[slot] = { primary, replicas: noReplicas, epoch: before?.epoch ?? 0 }
    primary.answerForCopies(false)
    lastViews.clear()
    askAll()
  }

  return {
    primaryFor(key) {
      const primary = slots[slotOf(key)]?.primary
      return primary?.replication?.role === 'replica' ? undefined : primary
    },
    replicasFor: (key) => slots[slotOf(key)]?.replicas ?? noReplicas,
    start() {
      if (timer !== undefined) return
      seedNodes = seeds.map(({ host, port }) => pool.node(host, port))
      watch.start()
      timer = setInterval(tick, askInDoubtEvery).unref()
    },
    doubt(node) {
      void node.look()
      askAll()
    },
    // MOVED 3999 127.0.0.1:6381, or without a host for another port of the same.
    redirect(from, reply): RedisNode {
      const [code, slot, place = ''] = reply.split(' ')
      const at = place.lastIndexOf(':')
      const node = pool.node(at === 0 ? from.host : place.slice(0, at), Number(place.slice(at + 1)))
      if (code === 'MOVED') moved(Number(slot), node)
      return node
    },
    problem(key) {
      const shard = slots[slotOf(key)]
      return shard === undefined ? `No node of the Cluster has said who has this key: ${nodeProblems()}` : problemOf(shard.primary)
    },
    async close() {
      watch.close()
      clearInterval(timer)
      await pool.close()
    },
  }

  function nodeProblems(): string {
    return [...pool.all()]
      .map((node) => `${node.link.where} (${refusals.get(node) ?? node.link.refusal ?? node.link.problem ?? 'it has not answered yet'})`)
      .join(', ')
  }
}
