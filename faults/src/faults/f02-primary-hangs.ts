import type { RedisServer, Sentinels } from '@holdfast/testbed'
import type { Fault, Scene } from '../fault.ts'
import { failoverJudgements } from './f01-primary-killed.ts'
import { hurry, replaced, sentinelServers } from '../sentinel-scene.ts'

export const primaryHangs: Fault = {
  id: 'F2',
  title: 'the primary hangs (Sentinel)',
  judgements: failoverJudgements,
  scene: () => hanging(async () => {}),
}

export const zombieReturns: Fault = {
  id: 'F3',
  title: 'the primary hangs, and goes on after the promotion (Sentinel)',
  judgements: failoverJudgements,
  scene: () =>
    hanging(async (first, group) => {
      first.resume()
      await hurry(group)
      await group.settled()
    }),
}

/** The primary stops answering, another is promoted, and then something happens to the first. */
async function hanging(then: (first: RedisServer, group: Sentinels) => Promise<void>): Promise<Scene> {
  const { group, base } = await sentinelServers()
  return {
    ...base,
    async happen({ load, begin, mended }) {
      const [first] = await replaced(group, (primary) => {
        begin()
        primary.pause()
      })
      mended()
      await load.changeAcknowledged(5_000)
      await then(first, group)
      await load.changeAcknowledged(5_000)
    },
  }
}
