import type { Fault } from '../fault.ts'
import { always, changesResumeWithin, noReadFailed, readsWithin } from '../judgement.ts'
import { replaced, sentinelServers } from '../sentinel-scene.ts'

/** What a failover may cost, whatever brought the primary down. */
export const failoverJudgements = [noReadFailed, readsWithin(25), changesResumeWithin(300), ...always]

export const primaryKilled: Fault = {
  id: 'F1',
  title: 'the primary is killed (Sentinel)',
  judgements: failoverJudgements,
  async scene() {
    const { group, base } = await sentinelServers()
    return {
      ...base,
      async happen({ load, begin, mended }) {
        await replaced(group, (primary) => {
          begin()
          return primary.kill()
        })
        mended()
        await load.changeAcknowledged(5_000)
      },
    }
  },
}
