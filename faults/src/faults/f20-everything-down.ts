import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Fault } from '../fault.ts'
import { always, changesResumeWithin, fact, type Judgement } from '../judgement.ts'
import { replicatedServers } from '../replicated-scene.ts'

const kept = 'heap kept of a request that failed, in bytes'
const answered = 'requests answered while everything was down'

/** What a load of ours and a commit may take in all, and a turn of a busy loop. */
const slowest: Judgement = {
  what: 'p99 of all requests during the fault',
  of: ({ readsDuring, changesDuring }) => Math.max(readsDuring.p99 ?? Infinity, changesDuring.p99 ?? Infinity),
  must: { within: 2_200 },
}

export const everythingDown: Fault = {
  id: 'F20',
  title: 'everything is down for 30 s',
  judgements: [fact(answered, { exactly: 0 }), slowest, fact(kept, { atMost: 5_000 }), changesResumeWithin(500), ...always],
  async scene(form) {
    const { servers, base } = await replicatedServers({ appendonly: true })
    const all = [servers.primary, ...servers.replicas]
    let downAt = Infinity
    let upAt = Infinity
    let growth = 0
    return {
      ...base,
      async happen({ load, begin, mended }) {
        begin()
        await Promise.all(all.map((server) => server.kill()))
        downAt = performance.now()
        // The first two seconds fill what may be under way at once.
        await sleep(2_000)
        const before = { heap: heapUsed(), requests: load.records.length }
        await sleep(form === 'short' ? 3_000 : 28_000)
        growth = (heapUsed() - before.heap) / (load.records.length - before.requests)
        upAt = performance.now()
        await Promise.all(all.map((server) => server.restart()))
        mended()
        await load.changeAcknowledged(10_000)
        await servers.settled()
      },
      facts: async ({ records }) => ({
        [kept]: Math.round(growth),
        [answered]: records.filter((each) => each.failure === undefined && each.startedAt > downAt && (each.answeredAt ?? Infinity) < upAt)
          .length,
      }),
    }
  },
}

/** What is in use after a collection, so that only what is held counts. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}
