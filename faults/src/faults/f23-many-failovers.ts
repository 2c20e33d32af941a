import { setTimeout as sleep } from 'node:timers/promises'
import type { Sentinels } from '@holdfast/testbed'
import type { Fault } from '../fault.ts'
import { always, fact, noReadFailed } from '../judgement.ts'
import { failOver, hurry, sentinelServers } from '../sentinel-scene.ts'

const sockets = 'sockets more than after the first failover'
const clients = "connections more than after the first failover, by the servers' count"
const confirmingAtEnd = 'connections for changes that wait for replicas, at the end'
const timers = 'timers more than after the first failover'

export const manyFailovers: Fault = {
  id: 'F23',
  title: '20 failovers in a row',
  judgements: [
    noReadFailed,
    ...[sockets, clients].map((name) => fact(name, { atMost: 0 })),
    fact(confirmingAtEnd, { atMost: 4 }),
    ...always,
  ],
  async scene(form) {
    const { group, base } = await sentinelServers()
    const failovers = form === 'short' ? 4 : 20
    const grown = { confirming: 0, sockets: 0, clients: 0, timers: 0 }
    return {
      ...base,
      async happen({ begin, mended }) {
        await hurry(group)
        begin()
        await failOver(group)
        const before = await held(group)
        for (let at = 1; at < failovers; at += 1) await failOver(group)
        const after = await held(group)
        grown.confirming = after.confirming
        grown.sockets = after.sockets - before.sockets
        grown.clients = after.clients - before.clients
        grown.timers = after.timers - before.timers
        mended()
      },
      facts: async () => ({
        [confirmingAtEnd]: grown.confirming,
        [sockets]: grown.sockets,
        [clients]: grown.clients,
        [timers]: grown.timers,
      }),
    }
  },
}

interface Held {
  readonly confirming: number
  readonly sockets: number
  readonly clients: number
  readonly timers: number
}

/** What is open now: the least of some looks, since connections of this very run come and go. */
async function held(group: Sentinels): Promise<Held> {
  const looks: Held[] = []
  for (let look = 0; look < 20; look += 1) {
    const lists = await Promise.all(
      [...group.nodes, ...group.sentinels].map((server) => server.command('CLIENT', 'LIST', 'TYPE', 'normal')),
    )
    // One to four to the present primary, as many as its changes have needed.
    const confirming = lists.reduce<number>((sum, list) => sum + String(list).split(' name=holdfast-confirming ').length - 1, 0)
    await sleep(50)
    const resources = process.getActiveResourcesInfo()
    looks.push({
      confirming,
      sockets: resources.filter((name) => name === 'TCPSocketWrap').length - confirming,
      timers: resources.filter((name) => name === 'Timeout').length,
      clients: lists.reduce<number>((sum, list) => sum + String(list).trim().split('\n').length, 0) - confirming,
    })
  }
  const least = (pick: (look: (typeof looks)[number]) => number): number => Math.min(...looks.map(pick))
  return {
    confirming: least((look) => look.confirming),
    sockets: least((look) => look.sockets),
    timers: least((look) => look.timers),
    clients: least((look) => look.clients),
  }
}
