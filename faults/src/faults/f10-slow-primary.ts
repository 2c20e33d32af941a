import { setTimeout as sleep } from 'node:timers/promises'
import type { RedisServer } from '@holdfast/testbed'
import type { Fault } from '../fault.ts'
import { always, fact, type Judgement } from '../judgement.ts'
import { proxiedServers } from '../proxied-scene.ts'

const extra = 'reads more than were asked for, in per cent'

const spike = (): number => (Math.random() < 0.01 ? 2_000 : 0)

/** What the primary's replies are late by, in turn. */
const delays = [50, 200, 1_000, spike]

// A store call has 200 ms, counted in steps of some 25; the rest is what a busy process takes.
const readDeadline: Judgement = { what: 'p99 of reads during the fault', of: ({ readsDuring }) => readsDuring.p99, must: { within: 300 } }
const changeDeadline: Judgement = {
  what: 'p99 of changes during the fault',
  of: ({ changesDuring }) => changesDuring.p99,
  must: { within: 2_400 },
}

export const slowPrimary: Fault = {
  id: 'F10',
  title: 'the primary answers 50, 200, 1000 ms late, then one answer in a hundred 2 s late',
  judgements: [readDeadline, changeDeadline, fact(extra, { atMost: 5 }), ...always],
  async scene(form) {
    const { servers, proxy, base } = await proxiedServers({ replicas: 2 })
    const all = [servers.primary, ...servers.replicas]
    const phase = form === 'short' ? 1_000 : 4_000
    const counts = { asked: 0, answered: 0 }
    return {
      ...base,
      async happen({ load, begin, mended }) {
        const before = { asked: load.records.length, answered: await readsOf(all) }
        begin()
        for (const delay of delays) {
          proxy.delay(delay)
          await sleep(phase)
        }
        proxy.delay(0)
        mended()
        await load.changeAcknowledged(5_000)
        counts.asked = load.records.length - before.asked
        counts.answered = (await readsOf(all)) - before.answered
      },
      // Every request begins with one read; those still under way when they are counted are a handful.
      facts: async () => ({ [extra]: Math.max(0, ((counts.answered - counts.asked) / counts.asked) * 100) }),
    }
  },
}

/** The reads that these servers were asked for. Of the scripts, only one that meets another version reads so too. */
async function readsOf(servers: readonly RedisServer[]): Promise<number> {
  const stats = await Promise.all(servers.map((server) => server.command('INFO', 'commandstats')))
  return stats.reduce<number>((sum, text) => sum + Number(/cmdstat_get:calls=(\d+)/.exec(String(text))?.[1] ?? 0), 0)
}
