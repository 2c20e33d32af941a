import { requireConfirmed } from './confirmed-replicas.ts'
import { eventually } from './eventually.ts'
import { promptReplication } from './prompt-replication.ts'
import { startRedis } from './redis.ts'
import type { RedisServer } from './redis.ts'

export interface ReplicatedRedisOptions {
  /** @default 2 */
  readonly replicas?: number | undefined
  /** Keep every acknowledged change on disk, on all of them. @default false */
  readonly appendonly?: boolean | undefined
  /** Further arguments of each redis-server. */
  readonly args?: readonly string[] | undefined
}

/** A Redis primary and its replicas, whom nobody watches: what fails stays as it is. */
export interface ReplicatedRedis {
  readonly primary: RedisServer
  readonly replicas: readonly RedisServer[]
  /**
   * Resolves once every replica is linked to the primary.
   *
   * @throws Error after 30 seconds.
   */
  settled(): Promise<void>
  /** Kills all of them and removes their folders. */
  close(): Promise<void>
}

/**
 * Starts a primary and its replicas, and resolves once each has its copy.
 *
 * @throws Error with the last lines of its log if one of them does not start.
 * @example
 * const { primary, replicas, close } = await startReplicatedRedis({ replicas: 1 })
 */
export async function startReplicatedRedis(options: ReplicatedRedisOptions = {}): Promise<ReplicatedRedis> {
  const { replicas: count = 2, appendonly, args = [] } = options
  const allArgs = [...promptReplication, ...args]
  const primary = await startRedis({ appendonly, args: allArgs })
  const replicas: RedisServer[] = []
  const servers: ReplicatedRedis = {
    primary,
    replicas,
    settled: () =>
      eventually('linking the replicas', async () => {
        for (const replica of replicas) {
          const [role, , , link] = (await replica.command('ROLE')) as string[]
          if (role !== 'slave' || link !== 'connected') throw new Error(`the one on port ${replica.port} is a ${role}, its link ${link}`)
        }
        await requireConfirmed(primary, replicas.length)
      }),
    async close() {
      await Promise.all([primary, ...replicas].map((server) => server.close()))
    },
  }
  try {
    const starting = Array.from({ length: count }, () => startRedis({ appendonly, args: allArgs, replicaOf: primary }))
    for (const one of await Promise.allSettled(starting)) if (one.status === 'fulfilled') replicas.push(one.value)
    await Promise.all(starting)
    await servers.settled()
  } catch (error) {
    await servers.close()
    throw error
  }
  return servers
}
