import { eventually } from './eventually.ts'
import { freePorts } from './free-port.ts'
import { promptReplication } from './prompt-replication.ts'
import { startRedis } from './redis.ts'
import type { RedisServer } from './redis.ts'
import { sentinelIdentity, startSentinel } from './sentinel.ts'
import type { TwoMachines } from './two-machines.ts'
import { newestPrimary, settledPrimary } from './sentinel-views.ts'

export interface SentinelsOptions {
  /** @default 2 */
  readonly replicas?: number | undefined
  /** A majority of them is the quorum. @default 3 */
  readonly sentinels?: number | undefined
  /** Milliseconds without an answer after which a Sentinel holds a server to be down. @default 1000 */
  readonly downAfter?: number | undefined
  /** Milliseconds that a failover may take; one that failed is tried again after twice that. @default 2000 */
  readonly failoverTimeout?: number | undefined
  /** What the Sentinels call the primary. @default 'holdfast' */
  readonly name?: string | undefined
  /** Further arguments of the primary and of each replica: `['--min-replicas-to-write', '1']`. */
  readonly args?: readonly string[] | undefined
  /** The first primary is on `one`, all else on `other`. @default all on this machine */
  readonly machines?: Pick<TwoMachines, 'one' | 'other'> | undefined
}

/** A Redis primary with replicas, and Sentinels that replace it when it fails. */
export interface Sentinels {
  /** What the Sentinels call the primary. */
  readonly name: string
  readonly sentinels: readonly RedisServer[]
  /** The primary and the replicas; the first one is the primary at the start. */
  readonly nodes: readonly RedisServer[]
  /** Who the primary is, as the Sentinel with the newest word says. */
  primary(): Promise<RedisServer>
  /** The nodes that run and are not the primary. */
  replicas(): Promise<RedisServer[]>
  /**
   * Resolves once all that run agree: the Sentinels know each other, the same primary and its replicas, and each replica has its copy. One
   * that is paused keeps it waiting.
   *
   * @throws Error with what is missing as its cause, after 30 seconds.
   */
  settled(): Promise<void>
  /**
   * Resolves with the new primary once the Sentinels have put it in the place of `from`.
   *
   * @throws Error after 30 seconds.
   */
  failedOver(from: RedisServer): Promise<RedisServer>
  /** Kills all of them and removes their folders. */
  close(): Promise<void>
}

/**
 * Starts a primary, its replicas and the Sentinels that watch them, and resolves once they are settled.
 *
 * The Sentinels have their usual timings but for those asked for, and for pinging five times a second until they are restarted. A former
 * primary that comes back takes commands as a primary until they turn it into a replica, some ten seconds later.
 *
 * @throws Error with the last lines of its log if one of them does not start.
 * @example
 * const group = await startSentinels()
 * const first = await group.primary()
 * await first.kill()
 * const second = await group.failedOver(first)
 * await group.close()
 */
export async function startSentinels(options: SentinelsOptions = {}): Promise<Sentinels> {
  const { replicas = 2, sentinels = 3, downAfter = 1_000, failoverTimeout = 2_000, name = 'holdfast', args = [], machines } = options
  const local = '127.0.0.1'
  const otherHost = machines?.other.address ?? local
  const [primary, ...others] = (await freePorts(1 + replicas + sentinels)) as [number, ...number[]]
  const replicaPorts = others.slice(0, replicas)
  const identities = others.slice(replicas).map((port) => sentinelIdentity(port, otherHost))
  const nodeArgs = (host: string) => ['--replica-announce-ip', host, ...promptReplication, ...args]
  const started: RedisServer[] = []
  const close = async () => void (await Promise.all(started.map((server) => server.close())))
  const startAll = async (starting: readonly Promise<RedisServer>[]): Promise<RedisServer[]> => {
    // None may start unnoticed after another one has failed.
    for (const one of await Promise.allSettled(starting)) if (one.status === 'fulfilled') started.push(one.value)
    return Promise.all(starting)
  }

  try {
    const first = await startAll([startRedis({ port: primary, args: nodeArgs(machines?.one.address ?? local), machine: machines?.one })])
    const following = replicaPorts.map((port) =>
      startRedis({ port, args: nodeArgs(otherHost), replicaOf: first[0], machine: machines?.other }),
    )
    const nodes = [...first, ...(await startAll(following))]
    const watch = { name, primary: nodes[0]!, replicas: nodes.slice(1), sentinels: identities, downAfter, failoverTimeout }
    const group = { name, nodes, sentinels: await startAll(identities.map((own) => startSentinel(own, watch, machines?.other))) }
    const settled = async () => void (await eventually('settling', () => settledPrimary(group)))
    await settled()
    return {
      ...group,
      primary: () => newestPrimary(group),
      async replicas() {
        const current = await newestPrimary(group)
        return nodes.filter((node) => node.running && node !== current)
      },
      settled,
      failedOver: (from) => eventually(`replacing the primary on port ${from.port}`, () => successor(group, from)),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function successor(group: Pick<Sentinels, 'name' | 'nodes' | 'sentinels'>, from: RedisServer): Promise<RedisServer> {
  const current = await newestPrimary(group)
  if (current === from) throw new Error('the Sentinels still name it')
  const [role] = (await current.command('ROLE')) as [string]
  if (role !== 'master') throw new Error(`the one on port ${current.port} is a ${role}`)
  return current
}
