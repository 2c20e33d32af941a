import { randomBytes } from 'node:crypto'
import type { RedisReply } from './redis-command.ts'
import type { Machine } from './two-machines.ts'
import { startRedisProcess } from './redis-process.ts'
import type { RedisServer } from './redis.ts'

/** Who a Sentinel is to the other ones. */
export interface SentinelIdentity {
  readonly port: number
  readonly id: string
  readonly host: string
}

/** What a Sentinel watches, and how. */
export interface SentinelWatch {
  readonly name: string
  readonly primary: Pick<RedisServer, 'host' | 'port'>
  readonly replicas: readonly Pick<RedisServer, 'host' | 'port'>[]
  readonly sentinels: readonly SentinelIdentity[]
  readonly downAfter: number
  readonly failoverTimeout: number
}

/** What a Sentinel knows of one server: `flags`, `port` and so on, as SENTINEL MASTER and its like tell it. */
export type SentinelEntry = Readonly<Record<string, string>>

/** An identity for the Sentinel on `port`. */
export function sentinelIdentity(port: number, host: string): SentinelIdentity {
  return { port, host, id: randomBytes(20).toString('hex') }
}

/**
 * Starts one Sentinel. It is told of the other ones and of the replicas, rather than left to hear of them, which takes seconds. What it
 * learns it writes to its configuration file, and so it knows that after `restart()` too.
 */
export async function startSentinel(own: SentinelIdentity, watch: SentinelWatch, machine?: Machine): Promise<RedisServer> {
  const { name, primary, replicas, sentinels, downAfter, failoverTimeout } = watch
  const others = sentinels.filter(({ id }) => id !== own.id)
  const configuration = [
    `sentinel myid ${own.id}`,
    `sentinel monitor ${name} ${primary.host} ${primary.port} ${Math.floor(sentinels.length / 2) + 1}`,
    `sentinel down-after-milliseconds ${name} ${downAfter}`,
    `sentinel failover-timeout ${name} ${failoverTimeout}`,
    // All of them follow the new primary at once.
    `sentinel parallel-syncs ${name} ${Math.max(1, replicas.length)}`,
    ...replicas.map(({ host, port }) => `sentinel known-replica ${name} ${host} ${port}`),
    ...others.map(({ host, port, id }) => `sentinel known-sentinel ${name} ${host} ${port} ${id}`),
  ]
  const sentinel = await startRedisProcess({ port: own.port, name: 'sentinel', configuration, args: ['--sentinel'], machine })
  // It connects to a server at most once in this time. With the usual second, and one second until a server counts as down, a new primary
  // that it has not yet connected to can count as down, and is replaced in turn.
  await sentinel.command('SENTINEL', 'DEBUG', 'PING-PERIOD', 200)
  return sentinel
}

/** The entries of an answer to SENTINEL REPLICAS or SENTINEL SENTINELS, by port. */
export function sentinelEntries(reply: RedisReply): Map<number, SentinelEntry> {
  return new Map((reply as string[][]).map(sentinelEntry).map((entry) => [Number(entry.port), entry]))
}

/** An answer to SENTINEL MASTER: names and values by turns. */
export function sentinelEntry(reply: RedisReply): SentinelEntry {
  const words = reply as string[]
  return Object.fromEntries(words.flatMap((word, index) => (index % 2 === 0 ? [[word, words[index + 1]!]] : [])))
}
