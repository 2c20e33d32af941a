import { setTimeout as sleep } from 'node:timers/promises'
import type { Sentinels } from '@holdfast/testbed'
import type { Fault } from '../fault.ts'
import { always, fact, noReadFailed } from '../judgement.ts'
import { failOver, hurry, sentinelServers } from '../sentinel-scene.ts'

const sockets = 'sockets more than after the first failover'
const clients = "connections more than after the first failover, by the servers' count"
const timers = 'timers more than after the first failover'

export const manyFailovers: Fault = {
  id: 'F23',
  title: '20 failovers in a row',
  judgements: [noReadFailed, ...[sockets, clients].map((name) => fact(name, { atMost: 0 })), ...always],
  async scene(form) {
    const { group, base } = await sentinelServers()
    const failovers = form === 'short' ? 4 : 20
    const grown = { sockets: 0, clients: 0, timers: 0 }
    return {
      ...base,
      async happen({ begin, mended }) {
        await hurry(group)
        begin()
        await failOver(group)
        const before = await held(group)
        for (let at = 1; at < failovers; at += 1) await failOver(group)
        const after = await held(group)
        grown.sockets = after.sockets - before.sockets
        grown.clients = after.clients - before.clients
        grown.timers = after.timers - before.timers
        mended()
      },
      facts: async () => ({ [sockets]: grown.sockets, [clients]: grown.clients, [timers]: grown.timers }),
    }
  },
}

/** What is open now: the least of some looks, since connections of this very run come and go. */
async function held(group: Sentinels): Promise<{ sockets: number; clients: number; timers: number }> {
  const looks: { sockets: number; clients: number; timers: number }[] = []
  for (let look = 0; look < 20; look += 1) {
    const lists = await Promise.all(
      [...group.nodes, ...group.sentinels].map((server) => server.command('CLIENT', 'LIST', 'TYPE', 'normal')),
    )
    await sleep(50)
    const resources = process.getActiveResourcesInfo()
    looks.push({
      sockets: resources.filter((name) => name === 'TCPSocketWrap').length,
      timers: resources.filter((name) => name === 'Timeout').length,
      clients: lists.reduce<number>((sum, list) => sum + String(list).trim().split('\n').length, 0),
    })
  }
  const least = (pick: (look: (typeof looks)[number]) => number): number => Math.min(...looks.map(pick))
  return { sockets: least((look) => look.sockets), timers: least((look) => look.timers), clients: least((look) => look.clients) }
}
