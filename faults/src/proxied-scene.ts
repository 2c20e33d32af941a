import {
  startFaultProxy,
  startReplicatedRedis,
  type FaultProxy,
  type ReplicatedRedis,
  type ReplicatedRedisOptions,
} from '@holdfast/testbed'
import { Redis } from 'ioredis'
import type { RedisScene } from './fault.ts'
import { plainRedis } from './load/plain-redis.ts'

/** A primary, and its replicas if there are any, each behind a proxy. */
export interface ProxiedServers {
  readonly servers: ReplicatedRedis
  /** In front of the primary. */
  readonly proxy: FaultProxy
  readonly base: Pick<RedisScene, 'store' | 'plain' | 'close'>
}

export async function proxiedServers(options: ReplicatedRedisOptions): Promise<ProxiedServers> {
  const servers = await startReplicatedRedis(options)
  const proxies: FaultProxy[] = []
  for (const server of [servers.primary, ...servers.replicas]) proxies.push(await startFaultProxy(server))
  const [proxy, ...others] = proxies as [FaultProxy, ...FaultProxy[]]
  const store = { url: proxy.url(), ...(others.length > 0 ? { replicas: others.map((other) => other.url()) } : {}) }
  return {
    servers,
    proxy,
    base: {
      store,
      plain: () => plainRedis(new Redis(proxy.port, '127.0.0.1')),
      async close() {
        await Promise.all(proxies.map((each) => each.close()))
        await servers.close()
      },
    },
  }
}

/** One server behind a proxy. */
export function lonelyServer(options?: Omit<ReplicatedRedisOptions, 'replicas'>): Promise<ProxiedServers> {
  return proxiedServers({ ...options, replicas: 0 })
}
