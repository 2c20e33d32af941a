import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultProxy } from '@holdfast/testbed'
import type { Fault, Scene } from '../fault.ts'
import type { RequestRecord } from '../load/request-record.ts'
import { always, fact } from '../judgement.ts'
import { lonelyServer } from '../proxied-scene.ts'
import { silenceFoundWithin } from './f06-half-open.ts'

/** How often a run breaks a reply. */
const times = 5

// In the middle of a reply that holds a record, and of a shorter one.
const bytesBefore = [40, 7, 90, 3, 61]

const after = 'requests failed that were asked after a cut'
const most = 'requests failed by one cut, at most'
const lasted = 'from a fault to the last failure that it caused'

export const replyCut: Fault = {
  id: 'F7',
  title: 'a reply is cut off in the middle',
  // Those that were under way on the connection are all that it can cost.
  judgements: [fact(after, { exactly: 0 }), ...always],
  scene: () =>
    broken(
      (proxy, bytes) => proxy.cutAfter(bytes),
      (records, brokenAt) => ({
        [after]: records.filter(
          (each) => each.failure !== undefined && brokenAt.every((at) => !(each.startedAt < at + 20 && answered(each) > at)),
        ).length,
        [most]: Math.max(...brokenAt.map((at) => causedBy(records, brokenAt, at).length)),
      }),
    ),
}

export const replyStalled: Fault = {
  id: 'F8',
  title: 'a reply stalls in the middle',
  judgements: [fact(lasted, { within: silenceFoundWithin }), ...always],
  scene: () =>
    broken(
      (proxy, bytes) => proxy.stallAfter(bytes),
      (records, brokenAt) => ({ [lasted]: longest(records, brokenAt) }),
    ),
}

export const repliesSwallowed: Fault = {
  id: 'F9',
  title: 'changes are made, and their replies swallowed',
  judgements: [fact(lasted, { within: silenceFoundWithin }), ...always],
  scene: () =>
    broken(
      (proxy) =>
        proxy.onReply(() => {
          // This connection alone: what comes over the next one passes.
          proxy.onReply(undefined)
          return 'mute'
        }),
      (records, brokenAt) => ({ [lasted]: longest(records, brokenAt) }),
    ),
}

/** One server whose replies are broken again and again, each time with a second to come back. */
async function broken(
  breakOne: (proxy: FaultProxy, bytes: number) => void,
  facts: (records: readonly RequestRecord[], brokenAt: readonly number[]) => Record<string, number>,
): Promise<Scene> {
  const { proxy, base } = await lonelyServer()
  const brokenAt: number[] = []
  return {
    ...base,
    async happen({ load, begin }) {
      begin()
      for (let time = 0; time < times; time += 1) {
        brokenAt.push(performance.now())
        breakOne(proxy, bytesBefore[time % bytesBefore.length]!)
        await load.changeAcknowledged(5_000)
        await sleep(1_000)
      }
    },
    facts: async ({ records }) => facts(records, brokenAt),
  }
}

function answered({ answeredAt }: RequestRecord): number {
  return answeredAt ?? Infinity
}

function causedBy(records: readonly RequestRecord[], brokenAt: readonly number[], at: number): RequestRecord[] {
  const next = brokenAt.find((later) => later > at) ?? Infinity
  return records.filter((each) => each.failure !== undefined && answered(each) >= at && answered(each) < next)
}

function longest(records: readonly RequestRecord[], brokenAt: readonly number[]): number {
  return Math.max(...brokenAt.flatMap((at) => [0, ...causedBy(records, brokenAt, at).map((each) => answered(each) - at)]))
}
