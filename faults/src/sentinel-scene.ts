import { startSentinels, type RedisServer, type Sentinels, type SentinelsOptions } from '@holdfast/testbed'
import { Redis } from 'ioredis'
import type { RedisScene } from './fault.ts'
import { plainRedis } from './load/plain-redis.ts'

/** What every scene with Sentinels has: who is asked, and how it ends. */
export interface SentinelServers {
  readonly group: Sentinels
  readonly base: Pick<RedisScene, 'store' | 'plain' | 'close'>
}

/** A primary, two replicas and three Sentinels. */
export async function sentinelServers(options?: SentinelsOptions): Promise<SentinelServers> {
  const group = await startSentinels(options)
  const { name, sentinels } = group
  const store = { sentinels: sentinels.map(({ url }) => url), name }
  const addresses = sentinels.map(({ port }) => ({ host: '127.0.0.1', port }))
  return {
    group,
    base: { store, plain: () => plainRedis(new Redis({ sentinels: addresses, name })), close: () => group.close() },
  }
}

/** The current primary, what replaces it once it has been broken, and when. */
export async function replaced(group: Sentinels, breakIt: (primary: RedisServer) => unknown): Promise<readonly [RedisServer, RedisServer]> {
  const first = await group.primary()
  await breakIt(first)
  return [first, await group.failedOver(first)]
}

/**
 * Kills the primary and lets it come back, empty, as one whom the Sentinels then have follow the new one. Call `hurry` before. The
 * command SENTINEL FAILOVER would be quicker, but replaces a primary that goes on acknowledging for a second.
 */
export async function failOver(group: Sentinels, meanwhile?: () => Promise<void>): Promise<void> {
  const from = await group.primary()
  await from.kill()
  await Promise.all([group.failedOver(from), meanwhile?.()])
  await from.restart()
  await group.settled()
}

/**
 * Has the Sentinels look at the nodes often: with their usual periods they turn a former primary into a replica some ten seconds late.
 * Four publish periods is how long they bear a replica that says it is a primary, and a promotion takes one second of that.
 */
export async function hurry(group: Sentinels): Promise<void> {
  const running = group.sentinels.filter((sentinel) => sentinel.running)
  await Promise.all(running.map((sentinel) => sentinel.command('SENTINEL', 'DEBUG', 'INFO-PERIOD', 100, 'PUBLISH-PERIOD', 500)))
}
