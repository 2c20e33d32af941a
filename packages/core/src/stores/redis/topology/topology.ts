import type { RedisNode } from '../node/redis-node.ts'

/** Which server has what, as far as is known now. Whoever waits for that to change is woken by what `changed` the topology was made with. */
export interface Topology {
  /** The server that takes the changes of this key: ready or not; undefined while none is known. */
  primaryFor(key: string): RedisNode | undefined
  /** All that take changes, as far as is known: ready or not. */
  primaries(): readonly RedisNode[]
  /** Servers that hold copies of it. */
  replicasFor(key: string): readonly RedisNode[]
  /** Whether this server is still a primary, of this key or of others: if not, what it has just acknowledged may be lost with it. */
  isPrimary(node: RedisNode): boolean
  /** Connects, at the first call. */
  start(): void
  /** A change came to this server that another one should have had: finds out who is the primary. */
  doubt(node: RedisNode): void
  /** For a Cluster: the server that this server's reply MOVED or ASK names. After MOVED it has the slot for good. */
  redirect?(from: RedisNode, reply: string): RedisNode
  /** Why nobody can be asked, for messages. */
  problem(key: string): string
  close(): Promise<void>
}
