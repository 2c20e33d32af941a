import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, RunningFault } from '../fault.ts'
import { readsWithin } from '../judgement.ts'
import { besideMemcached, memcachedFleet } from '../memcached-scene.ts'
import { twoRedis } from '../two-redis-scene.ts'
import { away, nothingLost } from './f25-node-killed.ts'

// The ring goes on without a copy that is silent for 10 ms, and 5 ms are for all the rest.
const judgements = [readsWithin(15), ...nothingLost]

export const nodeHangs: Fault = {
  id: 'F26',
  title: 'one memcached of three hangs, two copies',
  beside: besideMemcached,
  judgements,
  async scene() {
    const { servers, base } = await memcachedFleet({ copies: 2 })
    return { ...base, happen: (run) => hangs(run, servers[0]!) }
  },
}

export const ringedRedisHangs: Fault = {
  id: 'F26-redis',
  title: 'one of two independent Redis servers hangs, two copies',
  judgements,
  async scene() {
    const { first, base } = await twoRedis()
    return { ...base, happen: (run) => hangs(run, first) }
  },
}

async function hangs({ form, load, begin, mended }: RunningFault, server: { pause(): void; resume(): void }): Promise<void> {
  begin()
  server.pause()
  await sleep(away(form))
  server.resume()
  mended()
  await load.changeAcknowledged(5_000)
}
