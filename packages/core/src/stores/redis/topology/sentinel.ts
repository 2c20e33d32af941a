import { publish } from '../../../events.ts'
import type { OwnNode } from '../node/redis-node.ts'
import type { SentinelServer } from '../redis-options.ts'
import { problemOf } from './fixed.ts'
import { nodePool, type NodePoolOptions } from './node-pool.ts'
import { replicaWatch } from './replica-watch.ts'
import { watchSentinel, type SentinelView } from './sentinel-watch.ts'
import type { Topology } from './topology.ts'

/**
 * How long a Sentinel's word counts that has said nothing since, in milliseconds: it is asked every second. Not for ever, since the epochs
 * begin anew where Sentinels are set up anew.
 */
const believedFor = 10_000

/** Sentinels see a promotion within the second that is between their questions. One that they never confirm was somebody's own doing. */
const doubtAtMost = 3_000
const askInDoubtEvery = 50

export interface SentinelOptions extends NodePoolOptions {
  readonly sentinels: readonly SentinelServer[]
  readonly name: string
  readonly maxReplicaAge: number
}

/**
 * The primary that the Sentinels name, and its replicas. Of their last words the newest counts, by its epoch, whichever Sentinel says it.
 * Nothing is built up anew for a new primary, since there is a connection to each server already, and none can be dead for good.
 */
export function sentinelServers({ sentinels, name, maxReplicaAge, ...options }: SentinelOptions): Topology {
  const { changed } = options
  const pool = nodePool({ ...options, changed: serversChanged })
  const watches = sentinels.map((server) => watchSentinel(server, name, viewed))
  const watch = replicaWatch(pool.all, maxReplicaAge)
  /** The last word of each Sentinel. */
  const views = new Map<string, { readonly view: SentinelView; readonly at: number }>()
  let newestEpoch: number | undefined
  let newestNamed: OwnNode | undefined
  let isClosed = false
  let current: OwnNode | undefined
  let others: readonly OwnNode[] = []
  let challenger: OwnNode | undefined
  /** One that the Sentinels never confirmed: somebody's own doing, until they say otherwise. */
  let refuted: OwnNode | undefined
  /** `performance.now()` until which nobody is taken for the primary. */
  let inDoubtUntil = 0
  let asking: NodeJS.Timeout | undefined

  function viewed(view: SentinelView): void {
    if (isClosed) return
    const now = performance.now()
    views.set(view.sentinel, { view, at: now })
    const believed = [...views.values()].filter(({ at }) => at > now - believedFor).map((each) => each.view)
    const newest = believed.reduce((one, other) => (other.epoch > one.epoch ? other : one), view)
    const named = pool.node(newest.primary.host, newest.primary.port)
    // Sentinels of one epoch that give one server two names (a host's and an address) are no reason to go back and forth.
    const isStillNamed = believed.some(
      ({ epoch, primary }) => epoch === newestEpoch && pool.node(primary.host, primary.port) === newestNamed,
    )
    const isNews = newest.epoch !== newestEpoch || !isStillNamed
    if (isNews) newestNamed = named
    newestEpoch = newest.epoch
    // The one that was followed may have been turned into a replica again, in a failover that was given up.
    if (isNews || current === undefined || current.replication?.role === 'replica') follow(named)
    // All that any of them lists: one that was reset, or is new, knows of no replica for up to ten seconds.
    const replicas = believed.flatMap((each) => (each.epoch === newest.epoch ? each.replicas : []))
    const listed = new Set([named, ...replicas.map(({ host, port }) => pool.node(host, port))])
    if (current !== undefined) listed.add(current)
    pool.keep(listed)
    others = [...listed].filter((node) => node !== current)
  }

  function follow(node: OwnNode): void {
    if (node === current) return
    const before = current
    current = node
    others = [...pool.all()].filter((other) => other !== node)
    challenger = refuted = undefined
    endDoubt()
    // It may say itself that it is a replica, until it is asked again.
    void node.look()
    if (before !== undefined) {
      publish('failover', () => ({ from: before.name, to: node.name }))
      before.depose()
    }
    changed()
  }

  /**
   * A replica that was promoted says so before the Sentinels do. Where the primary is gone it is followed at once. Where it is not, the
   * primary goes on taking changes that will be lost when it is told of its end: until the Sentinels have said who it is, nobody is.
   */
  function serversChanged(): void {
    if (isClosed) return
    const promoted = others.find((node) => node !== refuted && node.wasPromoted && node.link.isReady)
    if (promoted !== undefined && current?.link.isReady === false) return follow(promoted)
    if (promoted !== undefined && promoted !== challenger) {
      challenger = promoted
      inDoubtUntil = performance.now() + doubtAtMost
      asking ??= setInterval(askInDoubt, askInDoubtEvery).unref()
      askInDoubt()
    }
    changed()
  }

  function askInDoubt(): void {
    for (const sentinel of watches) sentinel.ask()
    if (performance.now() < inDoubtUntil) return
    refuted = challenger
    endDoubt()
    changed()
  }

  function endDoubt(): void {
    inDoubtUntil = 0
    clearInterval(asking)
    asking = undefined
  }

  function believedPrimary(): OwnNode | undefined {
    if (current?.replication?.role === 'replica' || (inDoubtUntil !== 0 && performance.now() < inDoubtUntil)) return undefined
    return current
  }

  return {
    primaryFor: believedPrimary,
    primaries: () => (current === undefined ? [] : [current]),
    replicasFor: () => others,
    isPrimary: (node) => node === believedPrimary(),
    start() {
      for (const sentinel of watches) sentinel.start()
      watch.start()
    },
    doubt(node) {
      void node.look()
      for (const sentinel of watches) sentinel.ask()
    },
    problem() {
      if (current === undefined)
        return `No Sentinel has named a primary (${watches.map(({ problem }) => problem).join('; ')}). Check sentinels and name.`
      return inDoubtUntil === 0
        ? problemOf(current)
        : `${current.link.where} is about to be replaced: the Sentinels have not yet said by whom.`
    },
    async close() {
      isClosed = true
      endDoubt()
      watch.close()
      await Promise.all([...watches.map((sentinel) => sentinel.close()), pool.close()])
    },
  }
}
