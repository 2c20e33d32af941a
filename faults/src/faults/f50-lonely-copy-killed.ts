import { setTimeout as sleep } from 'node:timers/promises'
import { onSessionEvent } from '@holdfast/core'
import { blastRadius, onlyTheDoomed } from '../blast-radius.ts'
import type { Fault } from '../fault.ts'
import type { Site } from '../load/site.ts'
import { fact } from '../judgement.ts'
import { besideMemcached, memcachedFleet } from '../memcached-scene.ts'
import { away } from './f25-node-killed.ts'

const told = 'from the kill until it was told that the node is down, in ms'
const failedAfter = 'requests failed that were asked after it was told'
const signIns = 'new sign-ins after it was told'
const failedSignIns = 'new sign-ins that failed or were not there afterwards'

/** A node without an answer for 500 ms is down at its next try, of which there is one in some 150 ms. */
const toldWithin = 700

export const lonelyCopyKilled: Fault = {
  id: 'F50',
  title: 'one memcached of three is killed, one copy',
  beside: besideMemcached,
  judgements: [
    fact(told, { within: toldWithin }),
    fact(failedAfter, { exactly: 0 }),
    fact(signIns, { atLeast: 50 }),
    fact(failedSignIns, { exactly: 0 }),
    ...onlyTheDoomed,
  ],
  async scene(form) {
    const { servers, base } = await memcachedFleet({ copies: 1 })
    const killed = servers[0]!
    const radius = blastRadius(servers)
    const count = form === 'short' ? 50 : 500
    let killedAt = 0
    let downAt: number | undefined
    let tellers = 0
    let failed = 0
    const stop = onSessionEvent('node', ({ node, state }) => {
      // Each application for itself, and this is about both.
      if (state === 'down' && node === killed.address && (tellers += 1) === base.applications) downAt = performance.now()
    })
    return {
      ...base,
      async happen({ load, site, begin, mended }) {
        await radius.aim([killed], load.users)
        begin()
        killedAt = performance.now()
        await killed.kill()
        // memjs tells nothing: it has the same time.
        while (downAt === undefined && performance.now() < killedAt + 10 * toldWithin) await sleep(5)
        downAt ??= performance.now()
        mended()
        for (let at = 0; at < count; at += 10) {
          const arrived = await Promise.all(Array.from({ length: 10 }, () => signsIn(site)))
          failed += arrived.filter((isThere) => !isThere).length
        }
        await sleep(away(form))
      },
      facts: async (run) => ({
        [told]: downAt! - killedAt,
        [failedAfter]: run.records.filter(({ startedAt, failure }) => failure !== undefined && startedAt > downAt!).length,
        [signIns]: count,
        [failedSignIns]: failed,
        ...radius.facts(run),
      }),
      async close() {
        stop()
        radius.stop()
        await base.close()
      },
    }
  },
}

/** Somebody new signs in, and is somebody at the next request. */
async function signsIn(site: Site): Promise<boolean> {
  const visitor = site.visitor()
  try {
    await visitor.arrive('somebody-new')
    return (await visitor.read()).outcome === 'live'
  } catch {
    return false
  }
}
