import { startRedisCluster, type RedisServer } from '@holdfast/testbed'
import { Cluster } from 'ioredis'
import type { Fault } from '../fault.ts'
import { plainRedis } from '../load/plain-redis.ts'
import { always, changesResumeWithin, fact, noReadFailed, readsWithin } from '../judgement.ts'

const elsewhere = 'requests failed on the other shards'

export const clusterPrimaryKilled: Fault = {
  id: 'F4',
  title: 'one primary of a Cluster is killed',
  judgements: [noReadFailed, fact(elsewhere, { exactly: 0 }), readsWithin(25), changesResumeWithin(300), ...always],
  async scene() {
    const cluster = await startRedisCluster()
    let struck: RedisServer | undefined
    let others: ReadonlySet<number> = new Set()
    return {
      store: { cluster: cluster.urls },
      plain: () => plainRedis(new Cluster(cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port })))),
      async happen({ load, begin, mended }) {
        const shards = await cluster.shards()
        const primaries: (RedisServer | undefined)[] = []
        for (const { key } of load.users) {
          const slot = Number(await cluster.nodes[0]!.command('CLUSTER', 'KEYSLOT', key))
          primaries.push(shards.find(({ slots }) => slots.some(([first, last]) => first <= slot && slot <= last))?.primary)
        }
        struck = primaries[0]!
        others = new Set(primaries.flatMap((primary, user) => (primary === struck ? [] : [user])))
        begin()
        await struck.kill()
        await cluster.failedOver(struck)
        mended()
        await load.changeAcknowledged(5_000)
      },
      facts: async ({ records }) => ({
        [elsewhere]: records.filter(({ user, failure }) => failure !== undefined && others.has(user)).length,
      }),
      close: () => cluster.close(),
    }
  },
}
