import { startClusterNode } from './cluster-node.ts'
import { requireConfirmed } from './confirmed-replicas.ts'
import { eventually } from './eventually.ts'
import { freePorts } from './free-port.ts'
import { formRedisCluster, slotCount } from './redis-cluster-forming.ts'
import type { RedisServer } from './redis.ts'
import { describeShards, shardsSeenBy } from './redis-shard.ts'
import type { RedisShard } from './redis-shard.ts'

export interface RedisClusterOptions {
  /** How many primaries share the slots. Most of them must agree to a failover, so it takes at least 3. @default 3 */
  readonly shards?: number | undefined
  /** @default 1 */
  readonly replicasPerShard?: number | undefined
  /** Milliseconds of silence after which a node is held to be down. @default 1000 */
  readonly nodeTimeout?: number | undefined
  /** Refuse every key while one shard has no primary (`cluster-require-full-coverage`, which Redis itself has on). @default false */
  readonly fullCoverage?: boolean | undefined
  /** Further arguments of each redis-server; a password is not among those that work. */
  readonly args?: readonly string[] | undefined
}

/** A real Redis Cluster, of version 7 or later, on 127.0.0.1. */
export interface RedisCluster {
  /** At the start: the primaries in the order of their slots, then their replicas. A node that restarts is the same member again. */
  readonly nodes: readonly RedisServer[]
  /** Of every node, in the order of `nodes`. */
  readonly urls: readonly string[]
  /** The shards in the order of their slots, as the first node that answers sees them. */
  shards(): Promise<readonly RedisShard[]>
  /** The shard that a key belongs to, as the first node that answers sees it. */
  shardOf(key: string): Promise<RedisShard>
  /**
   * Resolves once all nodes that run take commands and see the same shards: every slot in one, every node that runs in one, every
   * replica linked to its primary.
   *
   * @throws Error after 30 seconds, with what was missing as its cause. A paused node runs, and cannot settle.
   */
  settled(): Promise<void>
  /**
   * Resolves with the primary that took over from this one, at once if it already did: all other nodes that answer see it there and
   * take commands.
   *
   * @throws Error after 30 seconds.
   */
  failedOver(from: RedisServer): Promise<RedisServer>
  /** Kills every node and removes their folders. */
  close(): Promise<void>
}

/**
 * Starts a Redis Cluster and resolves once it is settled.
 *
 * @throws Error if a node does not start, or they do not settle within 30 seconds.
 * @example
 * const cluster = await startRedisCluster()
 * const { primary } = await cluster.shardOf('key')
 * await primary.kill()
 * const promoted = await cluster.failedOver(primary)
 * await cluster.close()
 */
export async function startRedisCluster(options: RedisClusterOptions = {}): Promise<RedisCluster> {
  const { shards = 3, replicasPerShard = 1, nodeTimeout = 1_000, fullCoverage = false, args = [] } = options
  const size = shards * (1 + replicasPerShard)
  const ports = await freePorts(2 * size)
  const busPorts = ports.slice(size)

  const starting = ports
    .slice(0, size)
    .map((port, at) => startClusterNode({ port, busPort: busPorts[at], nodeTimeout, fullCoverage, args }))
  const outcomes = await Promise.allSettled(starting)
  const nodes = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const cluster = clusterOf(nodes, shards)
  try {
    await Promise.all(starting)
    await formRedisCluster(nodes, shards, busPorts)
    await cluster.settled()
  } catch (error) {
    await cluster.close()
    throw error
  }
  return cluster
}

function clusterOf(nodes: readonly RedisServer[], shardCount: number): RedisCluster {
  const running = (): readonly RedisServer[] => nodes.filter((node) => node.running)
  const shards = (): Promise<readonly RedisShard[]> => Promise.any(running().map((node) => shardsSeenBy(node, nodes)))
  return {
    nodes,
    urls: nodes.map((node) => node.url),
    shards,
    async shardOf(key) {
      const slot = Number(await Promise.any(running().map((node) => node.command('CLUSTER', 'KEYSLOT', key))))
      const shard = (await shards()).find(({ slots }) => slots.some(([first, last]) => first <= slot && slot <= last))
      if (shard === undefined) throw new Error(`testbed: no shard has slot ${slot}, where ${key} belongs`)
      return shard
    },
    settled: () =>
      eventually('settling the cluster', async () => {
        const expected = running()
        const views = await Promise.all(expected.map((node) => settledView(node, nodes)))
        const different = new Set(views.map(describeShards))
        if (different.size !== 1) throw new Error(`the nodes see different shards: ${[...different].join(' | ')}`)
        const members = new Set(views[0]!.flatMap(({ primary, replicas }) => replicas.concat(primary)))
        const outside = expected.filter((node) => !members.has(node))
        if (outside.length > 0) throw new Error(`in no shard: ${outside.map(({ port }) => port).join(', ')}`)
        for (const { primary, replicas } of views[0]!) await requireConfirmed(primary, replicas.filter((node) => node.running).length)
      }),
    failedOver: (from) =>
      eventually(`the failover from ${from.port}`, async () => {
        // Replicas stay with their shard, so the places in `nodes` tell who can take over.
        const shard = nodes.indexOf(from) % shardCount
        const heirs = nodes.filter((node, at) => node !== from && at % shardCount === shard)
        const asked = running().filter((node) => node !== from)
        const answers = await Promise.allSettled(asked.map(async (node) => [await shardsSeenBy(node, nodes), await stateOf(node)] as const))
        const views = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
        const promoted = heirs.find((heir) => views.some(([seen]) => seen.some(({ primary }) => primary === heir)))
        if (promoted === undefined) throw new Error('no replica took over')
        const agreed = views.every(([seen, state]) => state === 'ok' && seen.some(({ primary }) => primary === promoted))
        if (!agreed) throw new Error(`${promoted.port} took over, but not every node knows`)
        return promoted
      }),
    async close() {
      await Promise.all(nodes.map((node) => node.close()))
    },
  }
}

async function stateOf(node: RedisServer): Promise<string | undefined> {
  return /cluster_state:(\w+)/.exec(String(await node.command('CLUSTER', 'INFO')))?.[1]
}

/** @throws Error if `node` takes no commands, misses slots, or is a replica without its primary. */
async function settledView(node: RedisServer, nodes: readonly RedisServer[]): Promise<readonly RedisShard[]> {
  const state = await stateOf(node)
  if (state !== 'ok') throw new Error(`cluster_state of ${node.port} is ${state}`)
  const [role, , , link] = (await node.command('ROLE')) as string[]
  if (role === 'slave' && link !== 'connected') throw new Error(`the replica ${node.port} is not linked to its primary: ${link}`)
  const shards = await shardsSeenBy(node, nodes)
  const covered = shards.flatMap(({ slots }) => slots).reduce((sum, [first, last]) => sum + last - first + 1, 0)
  if (covered !== slotCount) throw new Error(`${node.port} knows of ${covered} slots`)
  return shards
}
