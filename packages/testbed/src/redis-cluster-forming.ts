import { eventually } from './eventually.ts'
import type { RedisServer } from './redis.ts'

export const slotCount = 16_384

/** Makes single nodes one cluster: the first `shards` of them get an equal part of the slots each, the others follow them in turn. */
export async function formRedisCluster(nodes: readonly RedisServer[], shards: number, busPorts: readonly number[]): Promise<void> {
  const primaries = nodes.slice(0, shards)
  await Promise.all(primaries.map((primary, shard) => giveSlots(primary, shard, shards)))
  const ids = await Promise.all(primaries.map((primary) => primary.command('CLUSTER', 'MYID')))
  // Each meets each, which is quicker than to let word get around.
  const meetings = nodes.flatMap((node, at) =>
    nodes.slice(0, at).map((other, before) => node.command('CLUSTER', 'MEET', '127.0.0.1', other.port, busPorts[before]!)),
  )
  await Promise.all(meetings)
  const replicas = nodes.slice(shards)
  // Refused until it has met its primary.
  const follow = (replica: RedisServer, at: number) => replica.command('CLUSTER', 'REPLICATE', ids[at % shards] as string)
  await Promise.all(replicas.map((replica, at) => eventually(`${replica.port} meeting its primary`, () => follow(replica, at))))
}

async function giveSlots(primary: RedisServer, shard: number, shards: number): Promise<void> {
  const first = Math.round((shard * slotCount) / shards)
  const end = Math.round(((shard + 1) * slotCount) / shards)
  await primary.command('CLUSTER', 'ADDSLOTS', ...Array.from({ length: end - first }, (_, at) => first + at))
  // Different from the start, so that they need not settle which of them ranks first.
  await primary.command('CLUSTER', 'SET-CONFIG-EPOCH', shard + 1)
}
