import { onSessionEvent } from '@holdfast/core'
import type { MemcachedServer } from '@holdfast/testbed'
import type { AuditedLoad } from './fault.ts'
import { holders } from './holders.ts'
import { prefix } from './load/holdfast-site.ts'
import type { User } from './load/user.ts'
import { alwaysBut, fact, type Judgement } from './judgement.ts'

const doomed = 'sessions with no copy elsewhere, in per cent'
const survived = 'sessions with no copy elsewhere, not found missing'
const others = 'sessions with a copy elsewhere, found missing'
const failed = 'sessions with a copy elsewhere: requests failed'
const lostChanges = 'sessions with a copy elsewhere: acknowledged changes lost, and no fork told'

/** Exactly those sessions are lost that were on the killed nodes alone. */
export const onlyTheDoomed: readonly Judgement[] = [
  // Some, and not all: how many there are is for chance to say.
  fact(doomed, { atLeast: 1 }),
  fact(doomed, { atMost: 75 }),
  ...[survived, others, failed, lostChanges].map((name) => fact(name, { exactly: 0 })),
  ...alwaysBut('sessions lost', 'acknowledged changes lost', 'answers that took somebody for signed out'),
]

/** Who has to lose their session, looked at before it happens, and who has. */
export interface BlastRadius {
  /** To be called right before these are killed. */
  aim(killed: readonly MemcachedServer[], users: readonly User[]): Promise<void>
  facts(run: AuditedLoad): Record<string, number>
  stop(): void
}

export function blastRadius(servers: readonly MemcachedServer[]): BlastRadius {
  const gone = new Set<string>()
  const missing = new Set<string>()
  const forked = new Set<string>()
  const stops = [
    onSessionEvent('missing', ({ id }) => missing.add(prefix + id)),
    onSessionEvent('fork', ({ id }) => forked.add(prefix + id)),
  ]
  return {
    async aim(killed, users) {
      const keys = users.map(({ key }) => key)
      for (const [key, on] of await holders(servers, keys)) if (on.every((server) => killed.includes(server))) gone.add(key)
    },
    facts({ load: { users }, audits, records }) {
      const isDoomed = users.map(({ key }) => gone.has(key))
      const found = users.map(({ key }, user) => missing.has(key) || audits[user]!.lost || audits[user]!.signedOut > 0)
      const among = (isOne: (user: number) => boolean): number => users.filter((_, user) => isOne(user)).length
      // What has taken the place of a lost session can go missing too.
      const strangers = [...missing].filter((key) => !gone.has(key) && !users.some((user) => user.key === key))
      return {
        [doomed]: (100 * among((user) => isDoomed[user]!)) / users.length,
        [survived]: among((user) => isDoomed[user]! && !found[user]! && !users[user]!.leaving),
        [others]: among((user) => !isDoomed[user]! && found[user]!) + strangers.length,
        [failed]: records.filter(({ user, failure }) => failure !== undefined && !isDoomed[user]!).length,
        [lostChanges]: audits.reduce(
          (sum, audit, user) => sum + (isDoomed[user]! || forked.has(users[user]!.key) ? 0 : audit.lostChanges),
          0,
        ),
      }
    },
    stop() {
      for (const stop of stops) stop()
    },
  }
}
