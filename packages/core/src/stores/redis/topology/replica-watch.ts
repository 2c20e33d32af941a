import type { RedisNode } from '../node/redis-node.ts'

/** Asks all servers for their part in replication, again and again. */
export interface ReplicaWatch {
  start(): void
  close(): void
}

/** A replica's age is known to a quarter of what it may be; no more than ten questions a second, and not less than one. */
export function replicaWatch(nodes: () => Iterable<RedisNode>, maxReplicaAge: number): ReplicaWatch {
  const every = Math.min(Math.max(maxReplicaAge / 4, 100), 1_000)
  let timer: NodeJS.Timeout | undefined
  return {
    start() {
      timer ??= setInterval(() => {
        for (const node of nodes()) void node.look()
      }, every).unref()
    },
    close() {
      clearInterval(timer)
    },
  }
}
