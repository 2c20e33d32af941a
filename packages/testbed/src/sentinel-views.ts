import { requireConfirmed } from './confirmed-replicas.ts'
import type { RedisServer } from './redis.ts'
import { sentinelEntries, sentinelEntry } from './sentinel.ts'

/** The servers of a group, in which the Sentinels call the primary `name`. */
export interface SentinelGroup {
  readonly name: string
  readonly nodes: readonly RedisServer[]
  readonly sentinels: readonly RedisServer[]
}

/** The node that the Sentinels hold to be the primary; while they differ, the one of the last failover. */
export async function newestPrimary({ name, nodes, sentinels }: SentinelGroup): Promise<RedisServer> {
  const answers = await Promise.allSettled(sentinels.map((sentinel) => primaryOf(name, sentinel)))
  const views = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
  const [newest] = views.toSorted((one, other) => other.epoch - one.epoch)
  if (newest === undefined) throw new Error('testbed: no Sentinel answers')
  return nodeOn(newest.port, nodes)
}

/**
 * The primary, if all that run agree on who that is and on each other.
 *
 * @throws Error that names the first thing that is not so yet.
 */
export async function settledPrimary({ name, nodes, sentinels }: SentinelGroup): Promise<RedisServer> {
  const watching = sentinels.filter((sentinel) => sentinel.running)
  const views = await Promise.all(watching.map((sentinel) => primaryOf(name, sentinel)))
  const ports = new Set(views.map(({ port }) => port))
  if (ports.size !== 1) throw new Error(`the Sentinels that run name ${ports.size} primaries`)
  const primary = nodeOn(views[0]!.port, nodes)
  const replicas = nodes.filter((node) => node.running && node !== primary)
  await Promise.all(replicas.map((replica) => requireFollowing(replica, primary)))
  await requireConfirmed(primary, replicas.length)
  for (const sentinel of watching) {
    const all = [primary, ...replicas, ...watching.filter((other) => other !== sentinel)]
    await requireKnown(name, sentinel, all)
  }
  return primary
}

interface PrimaryView {
  readonly port: number
  readonly epoch: number
}

async function primaryOf(name: string, sentinel: RedisServer): Promise<PrimaryView> {
  // In this order the address is at least as new as the epoch. SENTINEL MASTER names the old address until a failover has ended.
  const { 'config-epoch': epoch } = sentinelEntry(await sentinel.command('SENTINEL', 'MASTER', name))
  const [, port] = (await sentinel.command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name)) as [string, string]
  return { port: Number(port), epoch: Number(epoch) }
}

function nodeOn(port: number, nodes: readonly RedisServer[]): RedisServer {
  const node = nodes.find((one) => one.port === port)
  if (node === undefined) throw new Error(`testbed: the Sentinels name port ${port}, which is none of the nodes`)
  return node
}

async function requireFollowing(replica: RedisServer, primary: RedisServer): Promise<void> {
  const [role, , port, state] = (await replica.command('ROLE')) as [string, string, number, string]
  if (role === 'slave' && port === primary.port && state === 'connected') return
  throw new Error(`the node on port ${replica.port} is no replica of ${primary.port} with a copy: ${role} ${port} ${state}`)
}

async function requireKnown(name: string, sentinel: RedisServer, servers: readonly RedisServer[]): Promise<void> {
  const primary = sentinelEntry(await sentinel.command('SENTINEL', 'MASTER', name))
  const replicas = sentinelEntries(await sentinel.command('SENTINEL', 'REPLICAS', name))
  const others = sentinelEntries(await sentinel.command('SENTINEL', 'SENTINELS', name))
  const known = new Map([[Number(primary.port), primary], ...replicas, ...others])
  for (const { port } of servers) {
    const { flags = 'unknown', 'master-link-status': link = 'ok', 'master-port': follows = primary.port } = known.get(port) ?? {}
    // Further flags say that it is down, disconnected or in the middle of a failover; but this one is what another Sentinel said of the
    // primary when last asked, which stays for five seconds.
    const role = flags.replace('sentinel,master_down', 'sentinel')
    const isWell = ['master', 'slave', 'sentinel'].includes(role) && link === 'ok' && follows === primary.port
    if (!isWell)
      throw new Error(`the Sentinel on port ${sentinel.port} holds ${port} to be ${flags}, its link ${link}, following ${follows}`)
  }
}
