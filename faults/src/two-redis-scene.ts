import { redisStore } from '@holdfast/core/redis'
import { ring } from '@holdfast/core/resilience'
import { startRedis, type RedisServer } from '@holdfast/testbed'
import { Redis } from 'ioredis'
import type { Scene } from './fault.ts'
import { prefix } from './load/holdfast-site.ts'
import { plainRedis } from './load/plain-redis.ts'

/** Two Redis servers that know nothing of each other, with a copy of each session on both. */
export interface TwoRedis {
  /** ioredis stands beside on this one alone. */
  readonly first: RedisServer
  readonly base: Pick<Scene, 'applications' | 'store' | 'plain' | 'close'>
}

export async function twoRedis(): Promise<TwoRedis> {
  const first = await startRedis()
  const second = await startRedis().catch(async (error) => {
    await first.close()
    throw error
  })
  const servers = [first, second]
  return {
    first,
    base: {
      applications: 2,
      store() {
        const nodes = servers.map(({ host, port, url }) => ({ name: `${host}:${port}`, store: redisStore({ url, prefix }) }))
        return ring(nodes, { copies: 2 })
      },
      plain: () => plainRedis(new Redis(first.port, first.host)),
      close: async () => void (await Promise.all(servers.map((server) => server.close()))),
    },
  }
}
