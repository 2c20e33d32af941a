import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import { always, changesResumeWithin, noReadFailed, readsWithin, type Judgement } from '../judgement.ts'
import { sentinelServers } from '../sentinel-scene.ts'

const changesEnd: Judgement = {
  what: 'p99 of changes during the fault',
  of: ({ changesDuring }) => changesDuring.p99,
  must: { within: 2_200 },
}

export const sentinelsDead: Fault = {
  id: 'F21',
  title: 'two of three Sentinels are dead, then the primary; later a Sentinel comes back',
  judgements: [noReadFailed, readsWithin(25), changesEnd, changesResumeWithin(300), ...always],
  async scene(form) {
    const { group, base } = await sentinelServers()
    return {
      ...base,
      async happen({ load, begin, mended }) {
        const primary = await group.primary()
        const [one, other] = group.sentinels
        begin()
        await Promise.all([one!.kill(), other!.kill()])
        await primary.kill()
        // Nobody may promote a replica now.
        await sleep(form === 'short' ? 3_000 : 8_000)
        await one!.restart()
        await group.failedOver(primary)
        mended()
        await load.changeAcknowledged(5_000)
      },
    }
  },
}
