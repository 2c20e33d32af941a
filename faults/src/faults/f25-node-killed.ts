import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, Form, RunningFault } from '../fault.ts'
import { alwaysOnRings, noChangeFailed, noneMissing, noReadFailed } from '../judgement.ts'
import { besideMemcached, memcachedFleet } from '../memcached-scene.ts'
import { twoRedis } from '../two-redis-scene.ts'

/** What a node costs where each session has a copy on another one: nothing. */
export const nothingLost = [noReadFailed, noChangeFailed, noneMissing, ...alwaysOnRings]

/** Milliseconds that a node is away: several times as long as it takes to be thought down. */
export const away = (form: Form): number => (form === 'short' ? 2_500 : 10_000)

export const nodeKilled: Fault = {
  id: 'F25',
  title: 'one memcached of three is killed, two copies',
  beside: besideMemcached,
  judgements: nothingLost,
  async scene() {
    const { servers, base } = await memcachedFleet({ copies: 2 })
    return { ...base, happen: (run) => killed(run, servers[0]!) }
  },
}

export const ringedRedisKilled: Fault = {
  id: 'F25-redis',
  title: 'one of two independent Redis servers is killed, two copies',
  judgements: nothingLost,
  async scene() {
    const { first, base } = await twoRedis()
    return { ...base, happen: (run) => killed(run, first) }
  },
}

async function killed({ form, begin }: RunningFault, server: { kill(): Promise<void> }): Promise<void> {
  begin()
  await server.kill()
  await sleep(away(form))
}
