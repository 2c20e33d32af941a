import { randomUUID } from 'node:crypto'
import { createSessions, onSessionEvent, type SessionStore } from '@holdfast/core'
import type { Fault, Scene } from '../fault.ts'
import { holders } from '../holders.ts'
import { inBatches } from '../in-batches.ts'
import { prefix, secrets } from '../load/holdfast-site.ts'
import type { PlainClient } from '../load/plain-client.ts'
import { alwaysOnRings, fact, noChangeFailed, noReadFailed, type Judgement } from '../judgement.ts'
import { memcachedFleet, type MemcachedFleet } from '../memcached-scene.ts'

const evicted = 'records evicted, as stats() counts them'
const missed = 'sessions found missing (missing)'
const falsely = 'sessions found missing, and still on a node'
const repaired = 'copies found missing and put back (repair)'
const unexplained = 'copies missing or put back beyond those that were evicted'
const unseen = 'records evicted, and found missing by nobody'

/** So many sessions of 2 kB come, and are asked for once all are there; some 2,700 fit, whole or as copies. */
const newcomers = 4_000
const ballast = 'x'.repeat(2_000)

// Nothing is moved between sizes: what is lost on the way is no eviction to memcached.
const smallMemory = { memoryMegabytes: 2, args: ['-o', 'slab_automove=0,no_slab_reassign'] }

const counts: readonly Judgement[] = [
  ...[evicted, missed].map((name) => fact(name, { atLeast: 1 })),
  ...[falsely, unexplained].map((name) => fact(name, { exactly: 0 })),
  noReadFailed,
  noChangeFailed,
  ...alwaysOnRings,
]

export const evictions: readonly Fault[] = [
  {
    id: 'F30',
    title: 'memory is full and sessions are evicted, one copy',
    beside: ['memjs'],
    judgements: [fact(unseen, { exactly: 0 }), ...counts],
    scene: () => evicting(1),
  },
  {
    id: 'F30-copies',
    title: 'memory is full and sessions are evicted, two copies',
    beside: ['memjs'],
    judgements: [fact(repaired, { atLeast: 1 }), ...counts],
    scene: () => evicting(2),
  },
]

async function evicting(copies: number): Promise<Scene> {
  const fleet = await memcachedFleet({ copies, ...smallMemory })
  const { servers, base } = fleet
  const told = { missing: new Set<string>(), repairs: 0 }
  let stillThere = 0
  const stops = [
    onSessionEvent('missing', ({ id }) => told.missing.add(prefix + id)),
    onSessionEvent('repair', ({ found }) => void (told.repairs += found === null ? 1 : 0)),
  ]
  return {
    ...base,
    async happen({ system, begin }) {
      begin()
      if (system === 'holdfast') await crowd(base.store())
      else for (const key of await plainCrowd(base.plain('memjs'))) told.missing.add(key)
      const found = await holders(servers, [...told.missing])
      stillThere = [...found.values()].filter((on) => on.length > 0).length
    },
    async facts() {
      const total = await evictionsOf(fleet)
      const explained = copies * told.missing.size + told.repairs
      return {
        [evicted]: total,
        [missed]: told.missing.size,
        [falsely]: stillThere,
        [repaired]: told.repairs,
        [unexplained]: Math.max(0, explained - total),
        [unseen]: Math.max(0, total - explained),
      }
    },
    async close() {
      for (const stop of stops) stop()
      await base.close()
    },
  }
}

/** Many visitors of another application on the same servers come, and each comes once more when all are there. */
async function crowd(store: SessionStore): Promise<void> {
  const sessions = createSessions<{ ballast: string }>({ store, secrets, initial: () => ({ ballast: '' }), operationTimeout: 1_000 })
  const cookies: string[] = []
  await inBatches(newcomers, async () => void cookies.push((await sessions.create({ ballast })).cookie))
  await inBatches(newcomers, async (at) => void (await sessions.open(cookies[at]!).load()))
  await sessions.close()
}

/** The same on memjs: those that were missing. */
async function plainCrowd(client: PlainClient): Promise<string[]> {
  const keys = Array.from({ length: newcomers }, () => `plain:${randomUUID()}`)
  const missing: string[] = []
  await inBatches(newcomers, (at) => client.set(keys[at]!, ballast))
  await inBatches(newcomers, async (at) => {
    const found = await client.get(keys[at]!)
    if (found === null) missing.push(keys[at]!)
  })
  client.close()
  return missing
}

/** As the store counts them, or for memjs the servers. */
async function evictionsOf({ stores, servers }: MemcachedFleet): Promise<number> {
  if (stores[0] !== undefined) {
    const nodes = await stores[0].stats()
    return nodes.reduce((sum, node) => sum + ('evictions' in node ? node.evictions : NaN), 0)
  }
  const all = await Promise.all(servers.map((server) => server.stats()))
  return all.reduce((sum, stats) => sum + Number(stats['evictions']), 0)
}
