import { randomInt } from 'node:crypto'
import { publish } from '../../../events.ts'
import { connectionProblem, isErrorReply } from '../node/redis-errors.ts'
import type { OwnNode, RedisNode } from '../node/redis-node.ts'
import type { RedisAddress } from '../redis-address.ts'
import { viewOf, type ShardView } from './cluster-view.ts'
import { problemOf } from './fixed.ts'
import { slotCount, slotOf } from './key-slot.ts'
import { nodePool, type NodePoolOptions } from './node-pool.ts'
import { replicaWatch } from './replica-watch.ts'
import { slotMap, type SlotOwner } from './slot-map.ts'
import type { Topology } from './topology.ts'

export interface ClusterOptions extends Omit<NodePoolOptions, 'database'> {
  readonly seeds: readonly RedisAddress[]
  readonly maxReplicaAge: number
}

interface Shard {
  readonly primary: OwnNode
  readonly replicas: readonly OwnNode[]
}

const noReplicas: readonly OwnNode[] = []

/** How often the nodes are asked who has what, in milliseconds: now and then; often while somebody is missing, and less so the longer it lasts. */
const askEvery = 2_000
const askInDoubtEvery = 100

/** How long what a node said counts, in milliseconds: not that of one that has left, nor of a Cluster that was made anew. */
const believedFor = 10_000

/** How long a node is believed that says a slot is elsewhere, in milliseconds, against views that do not: time for all to be asked. */
const toldFor = 3_000

/** So that not all processes ask together. */
function jitter(): number {
  return 0.8 + randomInt(400) / 1_000
}

/** A Redis Cluster. All its nodes are asked who has what: of their views, as they differ during a failover, none is believed as a whole. */
export function clusterServers({ seeds, maxReplicaAge, ...options }: ClusterOptions): Topology {
  const { changed } = options
  const tls = options.tls ?? seeds.find((seed) => seed.tls !== undefined)?.tls
  const pool = nodePool({ ...options, tls, database: 0, changed: serversChanged })
  const watch = replicaWatch(pool.all, maxReplicaAge)
  const slots: (Shard | undefined)[] = Array.from({ length: slotCount }, () => undefined)
  let seedNodes: readonly OwnNode[] = []
  let primaries: ReadonlySet<OwnNode> = new Set()
  const views = new Map<OwnNode, { readonly text: string; readonly shards: readonly ShardView[]; readonly at: number }>()
  let missingSince: number | undefined
  let timer: NodeJS.Timeout | undefined
  let askAgainAt = 0
  let adopting: NodeJS.Immediate | undefined
  /** What MOVED and ASK told, and when, of `performance.now()`: views come to know it later. */
  const movedSlots = new Map<number, { readonly to: OwnNode; readonly at: number }>()
  const redirectedTo = new Map<OwnNode, number>()
  /** Those that have no slot any more. */
  const deposed = new WeakSet<RedisNode>()
  const asking = new Set<OwnNode>()
  const refusals = new WeakMap<OwnNode, string>()

  function serversChanged(): void {
    if (missingSince === undefined && isSomebodyMissing()) askAll()
    for (const node of pool.all()) if (!views.has(node)) void ask(node)
    changed()
  }

  function isSomebodyMissing(): boolean {
    return primaries.size === 0 || [...primaries].some((node) => !node.link.isReady)
  }

  function tick(): void {
    if (performance.now() >= askAgainAt) askAll()
  }

  function askAll(): void {
    const now = performance.now()
    missingSince = isSomebodyMissing() ? (missingSince ?? now) : undefined
    askAgainAt = now + (missingSince === undefined ? askEvery : Math.min(askInDoubtEvery + (now - missingSince) / 20, askEvery)) * jitter()
    for (const node of pool.all()) void ask(node)
  }

  async function ask(node: OwnNode): Promise<void> {
    if (!node.link.isReady || asking.has(node)) return
    asking.add(node)
    node.link.replies.expect()
    try {
      const shards = await viewOf(node.link.client, node.host)
      node.link.replies.heard()
      refusals.delete(node)
      const text = JSON.stringify(shards)
      const isNews = views.get(node)?.text !== text
      const at = performance.now()
      views.set(node, { text, shards, at })
      const outdated = [...views].filter(([, view]) => view.at < at - believedFor)
      for (const [other] of outdated) views.delete(other)
      // Once for all that are read in this turn.
      if (isNews || outdated.length > 0) adopting ??= setImmediate(adopt)
    } catch (error) {
      if (isErrorReply(error)) {
        node.link.replies.heard()
        refusals.set(node, connectionProblem(error))
      } else node.link.replies.forget()
    }
    asking.delete(node)
  }

  function adopt(): void {
    adopting = undefined
    const now = performance.now()
    const moves = new Map<string, readonly [from: OwnNode, to: OwnNode]>()
    const shards = new Map<SlotOwner, Shard>()
    for (const [slot, owner] of slotMap([...views.values()].map((view) => view.shards)).entries()) {
      if (owner === undefined) continue
      let shard = shards.get(owner)
      if (shard === undefined) shards.set(owner, (shard = shardOf(owner)))
      const told = movedSlots.get(slot)
      if (told !== undefined && told.to !== shard.primary && told.at > now - toldFor) continue
      movedSlots.delete(slot)
      const before = slots[slot]?.primary
      if (before !== undefined && before !== shard.primary) moves.set(before.name, [before, shard.primary])
      slots[slot] = shard
    }
    settle(moves.values())
  }

  function shardOf({ primary, replicas }: SlotOwner): Shard {
    return {
      primary: pool.node(primary.host, primary.port),
      replicas: replicas.map(({ host, port }) => pool.node(host, port)),
    }
  }

  /** Tells all servers what they are now, and lets go of those that are nothing any more. */
  function settle(moves: Iterable<readonly [from: OwnNode, to: OwnNode]>): void {
    const shards = new Set(slots)
    const owners = new Set([...shards].flatMap((shard) => shard?.primary ?? []))
    const replicas = new Set([...shards].flatMap((shard) => shard?.replicas ?? []).filter((node) => !owners.has(node)))
    primaries = owners
    for (const node of owners) deposed.delete(node)
    for (const node of owners) node.answerForCopies(false)
    for (const node of replicas) node.answerForCopies(true)
    for (const [from, to] of moves) {
      // One that only gave slots away is a primary still.
      if (owners.has(from)) continue
      publish('failover', () => ({ from: from.name, to: to.name }))
      deposed.add(from)
      from.depose()
      void to.look()
    }
    const now = performance.now()
    for (const [node, at] of redirectedTo) if (at < now - toldFor) redirectedTo.delete(node)
    const kept = new Set([...seedNodes, ...owners, ...replicas, ...redirectedTo.keys()])
    pool.keep(kept)
    for (const node of views.keys()) if (!kept.has(node)) views.delete(node)
    changed()
  }

  function moved(slot: number, primary: OwnNode): void {
    movedSlots.set(slot, { to: primary, at: performance.now() })
    if (slots[slot]?.primary !== primary) slots[slot] = { primary, replicas: noReplicas }
    primary.answerForCopies(false)
    askAll()
  }

  return {
    primaryFor(key) {
      const primary = slots[slotOf(key)]?.primary
      return primary?.replication?.role === 'replica' ? undefined : primary
    },
    primaries: () => [...primaries],
    replicasFor: (key) => slots[slotOf(key)]?.replicas ?? noReplicas,
    // Also one that the last view did not name: a slot may have moved to it since.
    isPrimary: (node) => node.replication?.role !== 'replica' && !deposed.has(node),
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
      redirectedTo.set(node, performance.now())
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
      clearImmediate(adopting)
      await pool.close()
    },
  }

  function nodeProblems(): string {
    return [...pool.all()]
      .map((node) => `${node.link.where} (${refusals.get(node) ?? node.link.refusal ?? node.link.problem ?? 'it has not answered yet'})`)
      .join(', ')
  }
}
