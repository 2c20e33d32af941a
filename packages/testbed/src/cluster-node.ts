import { eventually } from './eventually.ts'
import { freePort } from './free-port.ts'
import { promptReplication } from './prompt-replication.ts'
import { redisCommand } from './redis-command.ts'
import { startRedis, type RedisServer } from './redis.ts'

export interface ClusterNodeOptions {
  /** @default a free one */
  readonly port?: number | undefined
  /** Where the other nodes reach it. @default a free one */
  readonly busPort?: number | undefined
  /** Milliseconds of silence after which another node is held to be down. @default 1000 */
  readonly nodeTimeout?: number | undefined
  /** Refuse every key while one slot has no primary. @default false */
  readonly fullCoverage?: boolean | undefined
  /** Further arguments of redis-server. */
  readonly args?: readonly string[] | undefined
}

/**
 * Starts a node of a Redis Cluster that has no slots and knows no other node.
 *
 * @example
 * const node = await startClusterNode()
 * await joinCluster(node, cluster.nodes[0]!)
 */
export async function startClusterNode(options: ClusterNodeOptions = {}): Promise<RedisServer> {
  const { nodeTimeout = 1_000, fullCoverage = false, args = [] } = options
  const port = options.port ?? (await freePort())
  // Port + 10000, the default, may be one that the system gave to an outgoing connection.
  const busPort = options.busPort ?? (await freePort())
  const member = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort), '--cluster-announce-ip', '127.0.0.1']
  const failover = ['--cluster-node-timeout', String(nodeTimeout), '--cluster-require-full-coverage', fullCoverage ? 'yes' : 'no']
  // Replicas stay with their shard.
  const replicas = ['--cluster-allow-replica-migration', 'no', ...promptReplication]
  return startRedis({ port, args: [...member, ...failover, ...replicas, ...args] })
}

/**
 * Has a node meet all that a member of a Cluster knows, and resolves once each of them knows the other and it takes commands. It has no
 * slots then; `replicaOf` makes it the replica of that one, and it resolves once it has its copy.
 *
 * @throws Error after 30 seconds.
 */
export async function joinCluster(node: RedisServer, member: RedisServer, replicaOf?: RedisServer): Promise<void> {
  const members = membersIn(await nodesKnownTo(member))
  for (const { port, busPort } of members) await node.command('CLUSTER', 'MEET', '127.0.0.1', port, busPort)
  const own = String(await node.command('CLUSTER', 'MYID'))
  await eventually(`${node.port} joining the cluster of ${member.port}`, async () => {
    const seen = await nodesKnownTo(node)
    const strangers = members.filter(({ id }) => !seen.includes(id))
    if (strangers.length > 0 || !(await nodesKnownTo(member)).includes(own)) throw new Error('they have not all met')
    if (!String(await node.command('CLUSTER', 'INFO')).includes('cluster_state:ok')) throw new Error('it holds the cluster to be down')
  })
  if (replicaOf === undefined) return
  const primary = String(await replicaOf.command('CLUSTER', 'MYID'))
  await eventually(`${node.port} following ${replicaOf.port}`, async () => {
    await node.command('CLUSTER', 'REPLICATE', primary)
    const [, , , link] = (await node.command('ROLE')) as string[]
    if (link !== 'connected') throw new Error(`its link is ${link}`)
    // Whoever has not heard of it gives it no vote.
    const views = await Promise.all(members.map(({ port }) => redisCommand(port, ['CLUSTER', 'NODES'])))
    if (views.some((view) => !new RegExp(`^${own} .* slave ${primary} `, 'm').test(String(view)))) throw new Error('not all have heard')
  })
}

async function nodesKnownTo(node: RedisServer): Promise<string> {
  return String(await node.command('CLUSTER', 'NODES'))
}

// <id> <ip:port@bus> …
function membersIn(nodes: string): { id: string; port: number; busPort: number }[] {
  return [...nodes.matchAll(/^(\w+) \S*:(\d+)@(\d+)/gm)].map(([, id, port, busPort]) => ({
    id: id as string,
    port: Number(port),
    busPort: Number(busPort),
  }))
}
