import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import { always, fact, type Judgement } from '../judgement.ts'
import { proxiedServers } from '../proxied-scene.ts'
import { countReads } from '../read-count.ts'

const extra = 'reads more than were asked for, in per cent'

const spike = (): number => (Math.random() < 0.01 ? 2_000 : 0)

/** What the primary's replies are late by, in turn. */
const phases = [
  ['50 ms', 50],
  ['200 ms', 200],
  ['1 s', 1_000],
  ['spikes', spike],
] as const

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
    const count = await countReads([servers.primary, ...servers.replicas].map(({ port }) => port))
    const phase = form === 'short' ? 1_000 : 4_000
    const percent: Record<string, number> = {}
    return {
      ...base,
      async happen({ load, begin, mended }) {
        const reads = count.reads
        const asked = load.records.length
        begin()
        for (const [name, delay] of phases) {
          const [readsBefore, askedBefore] = [count.reads, load.records.length]
          proxy.delay(delay)
          await sleep(phase)
          percent[`${extra}: ${name}`] = percentMore(count.reads - readsBefore, load.records.length - askedBefore)
        }
        proxy.delay(0)
        mended()
        await load.changeAcknowledged(5_000)
        percent[extra] = percentMore(count.reads - reads, load.records.length - asked)
      },
      // Every request begins with one read; those still under way when they are counted are a handful.
      facts: async () => percent,
      async close() {
        count.close()
        await base.close()
      },
    }
  },
}

function percentMore(found: number, asked: number): number {
  return Math.max(0, ((found - asked) / asked) * 100)
}
