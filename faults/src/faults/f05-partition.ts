import { setTimeout as sleep } from 'node:timers/promises'
import { startSentinels, startTwoMachines, whyNotTwoMachines } from '@holdfast/testbed'
import { Redis } from 'ioredis'
import type { Fault, Scene } from '../fault.ts'
import type { HoldfastSetting } from '../load/holdfast-site.ts'
import { plainRedis } from '../load/plain-redis.ts'
import { remoteSite } from '../load/remote-site.ts'
import { always, alwaysButLoss, type Judgement } from '../judgement.ts'
import { hurry } from '../sentinel-scene.ts'

const variants: readonly (readonly [string, string, readonly Judgement[], readonly string[], HoldfastSetting['manager']])[] = [
  ['F5', 'asynchronous replication', alwaysButLoss, [], undefined],
  ['F5-min-replicas', 'min-replicas-to-write 1', alwaysButLoss, ['--min-replicas-to-write', '1', '--min-replicas-max-lag', '2'], undefined],
  ['F5-durable', 'durability of one replica', always, [], { durability: { replicas: 1, withinTimeout: 500 } }],
]

/** Three settings of one partition: what each loses is for the report, and the last loses nothing. */
export const partitions: readonly Fault[] = variants.map(([id, how, judgements, args, manager]) => ({
  id,
  title: `the primary and an application are cut off for 8 s, with ${how}`,
  judgements,
  obstacle: whyNotTwoMachines,
  scene: () => partition(args, manager),
}))

async function partition(args: readonly string[], manager: HoldfastSetting['manager']): Promise<Scene> {
  const machines = await startTwoMachines()
  const group = await startSentinels({ machines, args }).catch(async (error) => {
    await machines.close()
    throw error
  })
  const { name, sentinels } = group
  const store = { sentinels: sentinels.map(({ url }) => url), name }
  const plain = { name, sentinels: sentinels.map(({ host, port }) => ({ host, port })) }
  return {
    store,
    manager,
    plain: () => plainRedis(new Redis({ name, sentinels: [...plain.sentinels] })),
    // Beside the primary, on the side that the Sentinels cannot see.
    site: (system, whole) => remoteSite(machines.one, { system, store, manager: whole, plain }),
    async happen({ load, begin, mended }) {
      const first = await group.primary()
      begin()
      await machines.part()
      await Promise.all([sleep(8_000), group.failedOver(first)])
      await machines.heal()
      mended()
      await hurry(group)
      await group.settled()
      await load.changeAcknowledged(10_000)
    },
    async close() {
      await group.close()
      await machines.close()
    },
  }
}
