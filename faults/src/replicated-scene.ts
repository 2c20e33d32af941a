import { startReplicatedRedis, type ReplicatedRedis, type ReplicatedRedisOptions } from '@holdfast/testbed'
import { Redis } from 'ioredis'
import type { RedisScene } from './fault.ts'
import { plainRedis } from './load/plain-redis.ts'

/** A primary and two replicas that nobody watches, as the store takes them. */
export interface ReplicatedServers {
  readonly servers: ReplicatedRedis
  readonly base: Pick<RedisScene, 'store' | 'plain' | 'close'>
}

export async function replicatedServers(options: Omit<ReplicatedRedisOptions, 'replicas'> = {}): Promise<ReplicatedServers> {
  const servers = await startReplicatedRedis({ ...options, replicas: 2 })
  const { primary, replicas } = servers
  return {
    servers,
    base: {
      store: { url: primary.url, replicas: replicas.map(({ url }) => url) },
      plain: () => plainRedis(new Redis(primary.port, '127.0.0.1')),
      close: () => servers.close(),
    },
  }
}
