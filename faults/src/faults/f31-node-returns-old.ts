import { setTimeout as sleep } from 'node:timers/promises'
import type { MemcachedServer } from '@holdfast/testbed'
import type { Fault, RunningFault, Scene } from '../fault.ts'
import type { Site } from '../load/site.ts'
import type { User } from '../load/user.ts'
import { holders } from '../holders.ts'
import { inBatches } from '../in-batches.ts'
import { alwaysOnRings, fact, failuresBut, noneMissing, type Judgement } from '../judgement.ts'
import { besideMemcached, memcachedFleet, type MemcachedFleet } from '../memcached-scene.ts'

const ended = 'sessions that were ended without the node, which has them alive'
const changed = 'sessions that were changed without the node, which has them as before'
const waiting = 'records that wait for it 15 s after its return'
const failedBefore = 'requests failed before another node was killed'

const onlyUnavailable: Judgement = {
  what: 'failures other than ERR_UNAVAILABLE and ERR_OUTCOME_UNKNOWN',
  of: ({ failures }) => failuresBut(failures, /^ERR_(UNAVAILABLE|OUTCOME_UNKNOWN)$/),
  must: { exactly: 0 },
}

const shared = [
  ...[ended, changed].map((name) => fact(name, { atLeast: 1 })),
  ...[waiting, failedBefore].map((name) => fact(name, { exactly: 0 })),
  onlyUnavailable,
  noneMissing,
  ...alwaysOnRings,
]

export const nodesReturn: readonly Fault[] = [
  {
    id: 'F31',
    title: 'one memcached of three comes back with what it had, and later another one dies, two copies',
    beside: besideMemcached,
    judgements: shared,
    scene: () => returning('later'),
  },
  {
    id: 'F31-alone',
    title: 'one memcached of two comes back with what it had, and the other one dies at once, two copies',
    beside: besideMemcached,
    // What the one that is left may not have heard of is for the other one to say, until when it is 503.
    judgements: shared.filter(({ what }) => what !== 'sessions that could not be checked afterwards'),
    scene: () => returning('at once'),
  },
]

/** Freezes a node, which keeps its memory, and lets it go on after sessions were changed and ended without it. */
async function returning(anotherDies: 'later' | 'at once'): Promise<Scene> {
  // Where there are three, the third has what was changed meanwhile.
  const fleet = await memcachedFleet({ nodes: anotherDies === 'later' ? 3 : 2, copies: 2 })
  const [first, second] = fleet.servers as [MemcachedServer, MemcachedServer]
  const facts: Record<string, number> = {}
  return {
    ...fleet.base,
    async happen({ load, form, system, anotherSite, begin, mended }: RunningFault) {
      const both = await usersOn([first, second], load.users)
      const leavers = both.slice(0, Math.ceil(both.length / 2))
      const changers = both.slice(leavers.length)
      const killSecond = async (): Promise<void> => {
        facts[failedBefore] = load.records.filter(({ failure }) => failure !== undefined).length
        await second.kill()
      }
      begin()
      first.pause()
      await sleep(1_000)
      for (const user of changers) await user.change()
      for (const user of leavers) await user.signOut()
      await sleep(form === 'short' ? 2_000 : 60_000)
      facts[ended] = leavers.filter((user) => user.signedOut).length
      facts[changed] = changers.length

      // The application that was there meanwhile, and one that knows nothing of it.
      const comeBack = (newcomer?: Site): Promise<void> => comeAgain(load.users, leavers, newcomer)
      first.resume()
      mended()
      if (anotherDies === 'at once') await Promise.all([killSecond(), comeBack()])
      else await comeBack(anotherSite())
      const until = performance.now() + (system === 'holdfast' ? 15_000 : 0)
      while (recordsWaiting(fleet, first) > 0 && performance.now() < until) await sleep(50)
      facts[waiting] = recordsWaiting(fleet, first)
      if (anotherDies === 'later') await killSecond()
      await comeBack(anotherSite())
    },
    facts: async () => facts,
  }
}

const times = 5

/** Those who left try their old cookies, and everybody comes to the newcomer too. */
async function comeAgain(users: readonly User[], leavers: readonly User[], newcomer: Site | undefined): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await Promise.all(leavers.map((user) => user.replay()))
    if (newcomer !== undefined) await inBatches(users.length, (at) => users[at]!.visit(newcomer))
    await sleep(200)
  }
}

/** Who is still there, and has their copies on exactly these. */
async function usersOn(servers: readonly MemcachedServer[], users: readonly User[]): Promise<User[]> {
  const found = await holders(
    servers,
    users.map(({ key }) => key),
  )
  return users.filter((user) => !user.leaving && found.get(user.key)!.length === servers.length)
}

/** At both of the applications that were there all the time. */
function recordsWaiting({ stores, base }: MemcachedFleet, { address }: MemcachedServer): number {
  const asKnown = stores.slice(0, base.applications).flatMap((store) => store.nodes().filter(({ name }) => name === address))
  return asKnown.reduce((sum, { handOff, state }) => sum + handOff + Number(state !== 'up'), 0)
}
