import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RequestRecord } from './request-record.ts'
import type { Site } from './site.ts'
import type { Audit } from './audit.ts'
import { inBatches } from '../in-batches.ts'
import { userOf, type User } from './user.ts'
import { within } from './within.ts'

/** How much is asked. */
export interface LoadSize {
  readonly users: number
  /** Requests a second, whether earlier ones were answered or not. */
  readonly rate: number
}

/** A load that runs until it is told to stop. */
export interface Load {
  readonly users: readonly User[]
  readonly records: readonly RequestRecord[]
  /** Resolves with whether a change that was asked for from now on is acknowledged in so many milliseconds. */
  changeAcknowledged(within: number): Promise<boolean>
  /** Asks no more; resolves when all is answered, or twice the deadline has passed. */
  stop(): Promise<void>
  /** What the authority says about each user, after the mend. */
  audit(): Promise<readonly Audit[]>
}

/** One user in so many signs out while it runs, and comes back with the old cookies; one request in so many is theirs. */
const leaversPer = 5
const leavingPer = 10

/** Milliseconds for the first of them: an application in a process of its own has to start. */
const startsWithin = 30_000

/** Brings the users in, one session each, and begins to ask. */
export async function startLoad(site: Site, { users: count, rate }: LoadSize): Promise<Load> {
  const records: RequestRecord[] = []
  let changes = 0
  const crowd = { site, records, nextChange: () => (changes += 1) }
  const users = Array.from({ length: count }, (_, number) => userOf(crowd, number))
  await inBatches(count, (at) => within(startsWithin, users[at]!.arrive()))
  const leavers = users.slice(0, Math.ceil(count / leaversPer))
  const stayers = users.slice(leavers.length)

  let stopped = false
  const underWay = new Set<Promise<void>>()
  const begin = (request: Promise<void>): void => {
    underWay.add(request)
    void request.finally(() => underWay.delete(request))
  }

  // A leaver is there for a while, leaves, and is tried with old cookies; at random, so all through the fault.
  const departures = new Set<User>()
  function next(asked: number): Promise<void> {
    if (asked % leavingPer === leavingPer - 1) {
      const user = anyOf(leavers)
      if (user.signedOut) return user.replay()
      if (!departures.has(user) && Math.random() < 0.3) {
        departures.add(user)
        return user.signOut()
      }
      return departures.has(user) ? user.replay() : user.read()
    }
    const user = anyOf(stayers)
    return asked % 4 === 0 ? user.change() : user.read()
  }

  const startedAt = performance.now()
  let asked = 0
  const pacing = (async () => {
    while (!stopped) {
      const due = Math.floor(((performance.now() - startedAt) / 1_000) * rate)
      for (; asked < due; asked += 1) begin(next(asked))
      await sleep(1_000 / rate)
    }
  })()

  return {
    users,
    records,
    async changeAcknowledged(patience) {
      const from = performance.now()
      const seen = records.length
      while (performance.now() - from < patience && !stopped) {
        const fresh = records.slice(seen)
        if (fresh.some(({ kind, failure, answeredAt }) => kind === 'change' && answeredAt !== undefined && failure === undefined))
          return true
        await sleep(5)
      }
      return false
    },
    async stop() {
      stopped = true
      await pacing
      await Promise.race([Promise.allSettled(underWay), sleep(site.deadline * 2, undefined, { ref: false })])
    },
    async audit() {
      const audits: Audit[] = []
      await inBatches(count, async (at) => void (audits[at] = await users[at]!.audit()))
      return audits
    },
  }
}

function anyOf<T>(all: readonly T[]): T {
  return all[Math.floor(Math.random() * all.length)]!
}
