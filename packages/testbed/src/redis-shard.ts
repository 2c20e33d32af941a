import type { RedisServer } from './redis.ts'

/** One shard of a Redis Cluster, as a node of it describes it. */
export interface RedisShard {
  readonly primary: RedisServer
  /** Those that are not held to be down. */
  readonly replicas: readonly RedisServer[]
  /** From the first to the last, both included. */
  readonly slots: readonly (readonly [number, number])[]
}

type SlotRange = [first: number, last: number, ...members: [host: string, port: number, id: string, ...unknown[]][]]

/** Every shard that has slots, in their order, as `node` sees them. */
export async function shardsSeenBy(node: RedisServer, nodes: readonly RedisServer[]): Promise<readonly RedisShard[]> {
  const ranges = (await node.command('CLUSTER', 'SLOTS')) as unknown as SlotRange[]
  const shards = new Map<RedisServer, { primary: RedisServer; replicas: RedisServer[]; slots: [number, number][] }>()
  for (const [first, last, ...members] of ranges.toSorted(([one], [other]) => one - other)) {
    const [primary, ...replicas] = members.map(([, port]) => {
      const member = nodes.find((known) => known.port === port)
      if (member === undefined) throw new Error(`testbed: a node on port ${port}, which is not of this cluster`)
      return member
    })
    const shard = shards.get(primary!)
    if (shard === undefined) shards.set(primary!, { primary: primary!, replicas, slots: [[first, last]] })
    else shard.slots.push([first, last])
  }
  return [...shards.values()]
}

/** The same text for the same shards, whatever order their replicas were named in. */
export function describeShards(shards: readonly RedisShard[]): string {
  const words = shards.map(({ primary, replicas, slots }) => {
    const ports = replicas.map(({ port }) => port).toSorted((one, other) => one - other)
    return `${slots.map((range) => range.join('-')).join(',')} on ${primary.port}, followed by ${ports.join(', ') || 'none'}`
  })
  return words.join('; ')
}
