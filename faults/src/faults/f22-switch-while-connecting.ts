import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import type { Site } from '../load/site.ts'
import { within } from '../load/within.ts'
import { always, fact } from '../judgement.ts'
import { failOver, hurry, sentinelServers } from '../sentinel-scene.ts'

const tried = 'clients that connected while the Sentinels switched'
const dead = 'of them, never answered'

/** So many connect one after the other, from before the switch until after it. */
const clientsASwitch = 10

// Milliseconds. The Sentinels switch some 2.3 s after the primary was killed.
const firstAfter = 1_000
const apart = 150

export const switchWhileConnecting: Fault = {
  id: 'F22',
  title: 'the Sentinels announce a switch while clients connect',
  judgements: [fact(tried, { atLeast: 20 }), fact(dead, { exactly: 0 }), ...always],
  async scene(form) {
    const { group, base } = await sentinelServers()
    const switches = form === 'short' ? 2 : 20
    let tries = 0
    let deaths = 0
    return {
      ...base,
      async happen({ begin, mended, anotherSite }) {
        await hurry(group)
        begin()
        for (let at = 0; at < switches; at += 1) {
          const clients: Site[] = []
          await failOver(group, async () => connectAll(clients, anotherSite))
          tries += clients.length
          deaths += (await Promise.all(clients.map(isAlive))).filter((alive) => !alive).length
          await Promise.all(clients.map((client) => client.close()))
        }
        mended()
      },
      facts: async () => ({ [tried]: tries, [dead]: deaths }),
    }
  },
}

async function connectAll(clients: Site[], anotherSite: () => Site): Promise<void> {
  await sleep(firstAfter)
  for (let at = 0; at < clientsASwitch; at += 1) {
    const client = anotherSite()
    clients.push(client)
    // Asked at once, so that it is connecting; what becomes of it does not matter yet.
    client
      .visitor()
      .arrive(undefined)
      .catch(() => {})
    await sleep(apart)
  }
}

/** Whether a client can be used within ten seconds after the switch. */
async function isAlive(client: Site): Promise<boolean> {
  const until = performance.now() + 10_000
  while (performance.now() < until) {
    const visitor = client.visitor()
    const arrived = await within(client.deadline * 2, visitor.arrive(undefined)).then(
      () => true,
      () => false,
    )
    if (arrived) return true
    await sleep(50)
  }
  return false
}
