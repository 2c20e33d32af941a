import { randomBytes } from 'node:crypto'
import { days, type SessionStore } from '@holdfast/core'
import { memcachedStore } from '@holdfast/core/memcached'
import { memoryStore } from '@holdfast/core/memory'
import { redisStore } from '@holdfast/core/redis'
import { ring } from '@holdfast/core/resilience'
import { startRedis, type MemcachedServer, type RedisServer } from '@holdfast/testbed'
import type { Fault } from '../fault.ts'
import { prefix } from '../load/holdfast-site.ts'
import { alwaysOnRings, fact, noChangeFailed, noReadFailed } from '../judgement.ts'
import { addressesOf, memcachedFleet, type MemcachedFleet } from '../memcached-scene.ts'

const tried = 'sessions with a long timeout'
const goneAtOnce = 'sessions with a long timeout that are gone at once'
const wrongOnServer = 'deadlines on servers that are early, or 5 s late'

// Memcached takes up to 30 days as seconds from now, and everything beyond as a date.
const timeouts = [29, 30, 31, 365].map((each) => days(each))

export const longTimeouts: Fault = {
  id: 'F33',
  title: 'timeouts of 29, 30, 31 days and a year, on memory, Redis, Memcached and rings',
  beside: ['memjs'],
  judgements: [
    // On five stores, each stored and then prolonged.
    fact(tried, { exactly: 5 * 2 * timeouts.length }),
    ...[goneAtOnce, wrongOnServer].map((name) => fact(name, { exactly: 0 })),
    noReadFailed,
    noChangeFailed,
    ...alwaysOnRings,
  ],
  async scene() {
    const fleet = await memcachedFleet({ copies: 2 })
    const redis = await startRedis()
    const counts = { [tried]: 0, [goneAtOnce]: 0, [wrongOnServer]: 0 }
    return {
      ...fleet.base,
      async happen({ system, begin }) {
        begin()
        if (system === 'holdfast') for (const store of allStores(fleet, redis)) await tryAll(store, { fleet, redis, counts })
        else await tryPlain(fleet, counts)
      },
      facts: async () => counts,
      close: async () => void (await Promise.all([fleet.base.close(), redis.close()])),
    }
  },
}

type Counts = Record<typeof tried | typeof goneAtOnce | typeof wrongOnServer, number>

interface Trial {
  readonly fleet: MemcachedFleet
  readonly redis: RedisServer
  readonly counts: Counts
}

function allStores({ servers }: MemcachedFleet, { url }: RedisServer): SessionStore[] {
  const nodes = addressesOf(servers)
  return [
    memoryStore(),
    redisStore({ url, prefix }),
    ring([{ name: 'redis', store: redisStore({ url, prefix: `${prefix}ring:` }) }]),
    memcachedStore({ nodes: nodes.slice(0, 1), prefix: `${prefix}one:` }),
    memcachedStore({ nodes, copies: 2, prefix: `${prefix}two:` }),
  ]
}

/** Stores a session for so long, and another one for a moment that is then prolonged to it. */
async function tryAll(store: SessionStore, { fleet, redis, counts }: Trial): Promise<void> {
  for (const timeout of timeouts) {
    for (const first of [timeout, 60_000]) {
      const key = randomBytes(32).toString('base64url')
      const now = Date.now()
      await store.put(key, { version: '0000000001.timeout', expiresAt: now + first, value: Buffer.from('{}') }, { expected: null })
      if (first !== timeout) await store.touch(key, now + timeout)
      counts[tried] += 1
      if ((await store.get(key))?.expiresAt !== now + timeout) counts[goneAtOnce] += 1
      const left = await secondsLeft(key, fleet.servers, redis)
      // Memcached counts in whole seconds, and its clock is up to 2 s behind; the record itself says to the millisecond when it ends.
      const late = left.map((seconds) => Date.now() / 1_000 + seconds - (now + timeout) / 1_000)
      counts[wrongOnServer] += late.filter((seconds) => seconds < -0.1 || seconds > 5).length
    }
  }
  await store.close?.()
}

/** On each server that has it, under whatever prefix. */
async function secondsLeft(key: string, servers: readonly MemcachedServer[], redis: RedisServer): Promise<number[]> {
  const keys = ['', 'ring:', 'one:', 'two:'].map((kind) => `${prefix}${kind}${key}`)
  const left = await Promise.all(keys.map(async (each) => Number(await redis.command('PTTL', each)) / 1_000))
  // The meta protocol's get with what is left of its time to live: `HD t86400`.
  for (const server of servers) {
    const reply = await server.command(...(keys.map((each) => `mg ${each} t`) as [string, ...string[]]))
    for (const [, seconds] of reply.matchAll(/^HD t(-?\d+)/gm)) left.push(Number(seconds))
  }
  // -2: it has no such key.
  return left.filter((seconds) => seconds !== -0.002)
}

async function tryPlain({ base }: MemcachedFleet, counts: Counts): Promise<void> {
  const client = base.plain('memjs')
  for (const timeout of timeouts) {
    const key = `plain:${randomBytes(16).toString('hex')}`
    await client.set(key, '{}', timeout / 1_000)
    counts[tried] += 1
    if ((await client.get(key)) === null) counts[goneAtOnce] += 1
  }
  client.close()
}
