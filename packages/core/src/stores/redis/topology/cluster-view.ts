import type { Redis } from 'ioredis'

/** What one node of a Cluster says of a shard. */
export interface ShardView {
  readonly primary: Place
  readonly replicas: readonly Place[]
  /** Of two nodes that claim a slot, the one with the greater epoch has it. */
  readonly epoch: number
  /** From the first to the last, both included. */
  readonly slots: readonly (readonly [number, number])[]
}

/** A server as the Cluster names it. */
export interface Place {
  readonly host: string
  readonly port: number
}

type Member = readonly [host: string | null, port: number, id: string, ...unknown[]]
type Range = readonly [first: number, last: number, ...members: Member[]]

/**
 * Asks a node. CLUSTER SLOTS has the names that clients are to use, CLUSTER NODES the epochs.
 *
 * @param asked its own host, for a Cluster that does not say it
 */
export async function viewOf(client: Redis, asked: string): Promise<readonly ShardView[]> {
  const [ranges, nodes] = await Promise.all([client.call('CLUSTER', 'SLOTS'), client.call('CLUSTER', 'NODES')])
  return shardsFrom(ranges as Range[], String(nodes), asked)
}

export function shardsFrom(ranges: readonly Range[], nodes: string, asked: string): readonly ShardView[] {
  const epochs = epochsFrom(nodes)
  const shards = new Map<string, ShardView & { slots: (readonly [number, number])[] }>()
  for (const [first, last, ...members] of ranges) {
    const [primary, ...replicas] = members
    if (primary === undefined || isNameless(primary)) continue
    const [, , id] = primary
    const slots = shards.get(id)?.slots ?? []
    slots.push([first, last])
    const place = ([host, port]: Member): Place => ({ host: host === null || host === '' ? asked : host, port })
    shards.set(id, {
      primary: place(primary),
      replicas: replicas.filter((member) => !isNameless(member)).map(place),
      epoch: epochs.get(id) ?? 0,
      slots,
    })
  }
  return [...shards.values()]
}

/** A Cluster that is told to give host names, and has none for this node. */
function isNameless([host]: Member): boolean {
  return host === '?'
}

// <id> <ip:port@bus> <flags> <primary's id> <ping> <pong> <epoch> <link> <slots>
function epochsFrom(nodes: string): ReadonlyMap<string, number> {
  const lines = nodes.split('\n').map((line) => line.split(' '))
  return new Map(lines.map((words) => [words[0] as string, Number(words[6])] as const))
}
