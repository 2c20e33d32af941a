import { setTimeout as sleep } from 'node:timers/promises'
import type { MemcachedServer } from '@holdfast/testbed'
import type { Fault } from '../fault.ts'
import type { User } from '../load/user.ts'
import { holders } from '../holders.ts'
import { fact, type Judgement } from '../judgement.ts'
import { besideMemcached, memcachedFleet } from '../memcached-scene.ts'
import { away, nothingLost } from './f25-node-killed.ts'

const notRepaired = 'sessions that the empty node was not given again'

const repairs: Judgement = { what: 'repairs told (repair)', of: ({ events }) => events['repair'] ?? 0, must: { atLeast: 1 } }

export const nodeRestartsEmpty: Fault = {
  id: 'F27',
  title: 'one memcached of three restarts empty, and then another one dies, two copies',
  beside: besideMemcached,
  judgements: [fact(notRepaired, { exactly: 0 }), repairs, ...nothingLost],
  async scene() {
    const { servers, base } = await memcachedFleet({ copies: 2 })
    const [first, second] = servers as [MemcachedServer, MemcachedServer]
    let missed: readonly User[] = []
    return {
      ...base,
      async happen({ load, form, system, begin, mended }) {
        const had = await usersOn(first, load.users)
        begin()
        await first.kill()
        await first.restart()
        // Whoever comes is repaired, and everybody comes now and then, with old cookies after a sign-out. memjs repairs nothing.
        const until = performance.now() + (system === 'holdfast' ? 30_000 : 2_000)
        do {
          await sleep(100)
          const has = new Set(await usersOn(first, had))
          missed = had.filter((user) => !has.has(user))
        } while (missed.length > 0 && performance.now() < until)
        mended()
        await second.kill()
        await sleep(away(form))
      },
      facts: async () => ({ [notRepaired]: missed.length }),
    }
  },
}

async function usersOn(server: MemcachedServer, users: readonly User[]): Promise<User[]> {
  const found = await holders(
    [server],
    users.map(({ key }) => key),
  )
  return users.filter(({ key }) => found.get(key)!.length > 0)
}
