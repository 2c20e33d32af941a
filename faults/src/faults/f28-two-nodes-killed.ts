import { setTimeout as sleep } from 'node:timers/promises'
import { blastRadius, onlyTheDoomed } from '../blast-radius.ts'
import type { Fault } from '../fault.ts'
import { besideMemcached, memcachedFleet } from '../memcached-scene.ts'
import { away } from './f25-node-killed.ts'

export const twoNodesKilled: Fault = {
  id: 'F28',
  title: 'two memcached of three are killed, two copies',
  beside: besideMemcached,
  judgements: onlyTheDoomed,
  async scene() {
    const { servers, base } = await memcachedFleet({ copies: 2 })
    const killed = servers.slice(0, 2)
    const radius = blastRadius(servers)
    return {
      ...base,
      async happen({ load, form, begin }) {
        await radius.aim(killed, load.users)
        begin()
        await Promise.all(killed.map((server) => server.kill()))
        await sleep(away(form))
      },
      facts: async (run) => radius.facts(run),
      async close() {
        radius.stop()
        await base.close()
      },
    }
  },
}
