import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import type { PlainClient } from '../load/plain-client.ts'
import { plainMemcached } from '../load/plain-memcached.ts'
import { fact } from '../judgement.ts'
import { addressesOf, memcachedFleet } from '../memcached-scene.ts'
import { percentMoved, placed } from '../placement.ts'
import { away, nothingLost } from './f25-node-killed.ts'

const movedByGrowth = 'copies elsewhere once a fourth node has come, in per cent'
const movedByLeaving = 'copies elsewhere once the first node has gone, in per cent'

// A quarter of the copies each time; of this many, chance takes or gives some two in a hundred.
const sampled = 1_000
const aboutAQuarter = (name: string) => [fact(name, { atLeast: 20 }), fact(name, { atMost: 30 })]

export const nodesChange: Fault = {
  id: 'F29',
  title: 'a fourth memcached is added, then the first is taken out and killed, two copies',
  beside: ['memjs'],
  judgements: [...[movedByGrowth, movedByLeaving].flatMap(aboutAQuarter), ...nothingLost],
  async scene() {
    const { servers, stores, base } = await memcachedFleet({ nodes: 4, used: 3, copies: 2 })
    const [first, ...others] = servers
    const fleets = [servers.slice(0, 3), servers, others] as const
    let addresses = addressesOf(fleets[0])
    const moved: Record<string, number> = {}
    return {
      ...base,
      plain: () => restartable(() => addresses),
      async happen({ form, system, load, begin, mended }) {
        const keys = Array.from({ length: sampled }, () => randomBytes(32).toString('base64url'))
        const placements = []
        for (const fleet of fleets) placements.push(await placed(system, fleet, keys))
        const [three, four, threeAgain] = placements as [Placement, Placement, Placement]
        moved[movedByGrowth] = percentMoved(three, four)
        moved[movedByLeaving] = percentMoved(four, threeAgain)
        begin()
        for (const fleet of fleets.slice(1)) {
          addresses = addressesOf(fleet)
          // One application learns of it later than the other.
          for (const store of stores) {
            store.setNodes(addresses)
            await sleep(away(form) / 2)
          }
        }
        await first!.kill()
        await sleep(away(form))
        mended()
        await load.changeAcknowledged(5_000)
      },
      facts: async () => moved,
    }
  },
}

type Placement = Awaited<ReturnType<typeof placed>>

/** memjs takes another list of servers only in a new client, as when an application is started again. */
function restartable(addresses: () => readonly string[]): PlainClient {
  let [list, client] = [addresses(), plainMemcached(addresses())]
  const current = (): PlainClient => {
    if (list !== addresses()) {
      client.close()
      ;[list, client] = [addresses(), plainMemcached(addresses())]
    }
    return client
  }
  return {
    get: (key) => current().get(key),
    set: (key, text, seconds) => current().set(key, text, seconds),
    delete: (key) => current().delete(key),
    close: () => client.close(),
  }
}
