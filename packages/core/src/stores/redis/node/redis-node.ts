import type { Redis } from 'ioredis'
import { breaker, type Breaker } from './breaker.ts'
import { clockCheck } from './clock-check.ts'
import { openLink, ownClients, type Link } from './link.ts'
import { borrowedSubscription, canListen } from './borrowed-subscription.ts'
import { feed } from './feed.ts'
import { isErrorReply } from './redis-errors.ts'
import type { RedisClient } from './redis-client.ts'
import { isLoading, replicationFrom, type Replication } from './replication.ts'
import { confirmingLinks, type ConfirmingLinks } from './confirming-links.ts'
import { subscription, type Subscription, type SubscriptionOptions } from './subscription.ts'
import { nameOf, type Credentials, type RedisAddress } from '../redis-address.ts'

/** One server, as calls see it. */
export interface RedisNode {
  /** `host:port`, for events. */
  readonly name: string
  readonly host: string
  readonly link: Link
  readonly reads: Breaker
  readonly changes: Breaker
  /** What it last said of its part in replication; undefined before, and where that is not asked. */
  readonly replication: Replication | undefined
  /** Whether what it holds is a copy that has been in step with a primary: not what a former primary goes on holding. */
  readonly holdsCopy: boolean
  /** Whether it gets what its primary is told; not before that is seen where it was just linked. */
  readonly isFed: boolean
  /** Whether it was a replica here, and has been made the primary with all that it held: not one that was started anew, and empty. */
  readonly wasPromoted: boolean
  /** When its connection was last lost, of `performance.now()`. */
  readonly lostAt: number
  /** When it was last seen to have fewer replicas than before, of `performance.now()`: one may have been promoted. */
  readonly lostReplicaAt: number
  /** Asks for its replication anew: what it then says is no older than the call. Never rejects. */
  look(): Promise<void>
  /** Connections for changes that wait for replicas; undefined where there can be none. */
  readonly confirming: ConfirmingLinks | undefined
  /** Hears what is published there, until that is closed; once at a time. Undefined where a client was handed in that cannot. */
  readonly listen: ((options: SubscriptionOptions) => Subscription) | undefined
  close(): Promise<void>
}

/** What a node of our own is made with. */
export interface NodeOptions {
  readonly address: RedisAddress
  readonly credentials: Credentials
  /** Milliseconds within which it answers when all is well. */
  readonly promptWithin: number
  /** Something about it is not as it was: it can be asked now, or no more, or has another part in replication. */
  readonly changed: () => void
}

/** A server that we connect to ourselves. */
export interface OwnNode extends RedisNode {
  readonly link: Link<Redis>
  /** Whether it has to answer for keys of a primary's (READONLY of a Cluster). Default false. */
  answerForCopies(does: boolean): void
  /** Another server is the primary now: calls that wait for this one's answer go there, and what it holds is no copy until it follows. */
  depose(): void
}

export function openNode({ address, credentials, promptWithin, changed }: NodeOptions): OwnNode {
  const name = nameOf(address)
  const where = `Redis at ${name}`
  let replication: Replication | undefined
  let holdsCopy = false
  const fed = feed()
  let wasPrimary = false
  let followed: string | undefined
  let wasPromoted = false
  let lostAt = -Infinity
  let lostReplicaAt = -Infinity
  let looking: Promise<void> | undefined
  let lookingAgain: Promise<void> | undefined
  let answersForCopies = false
  /** What this connection was told of that. */
  let toldForCopies = false
  let wasReady = false
  let listening: Subscription | undefined
  const make = ownClients(address, credentials)
  const link = openLink({ make, where, greet, changed: linkChanged })
  const clock = clockCheck(where)
  const reads = breaker({ node: name, guards: 'reads', failuresToOpen: 1, changed })
  const changes = breaker({ node: name, guards: 'changes', failuresToOpen: 5, changed })
  const confirming = confirmingLinks((woken) =>
    openLink({ make, where, connectionName: 'holdfast-confirming', greet: async () => undefined, changed: woken }),
  )

  /** It may be another server than before, behind the same name. */
  async function greet(redis: Redis): Promise<string | undefined> {
    toldForCopies = answersForCopies
    const [refusal, persistence] = await Promise.all([
      clock.check(redis),
      infoOf(redis, 'persistence'),
      readReplication(redis),
      answersForCopies ? redis.readonly() : undefined,
    ])
    if (persistence !== undefined && isLoading(persistence)) throw new Loading()
    return refusal
  }

  async function readReplication(redis: Redis): Promise<void> {
    const askedAt = performance.now()
    const info = await infoOf(redis, 'replication')
    if (info === undefined) return
    const before = replication
    replication = replicationFrom(info, askedAt)
    fed.heard(replication)
    if (before !== undefined && replication.replicaAges.length < before.replicaAges.length) lostReplicaAt = askedAt
    if (replication.role === 'primary') {
      wasPrimary = true
      holdsCopy = false
      wasPromoted = followed !== undefined && replication.formerHistory === followed
    } else {
      followed = replication.history
      wasPromoted = false
      if (replication.isLinked) wasPrimary = false
      holdsCopy = !wasPrimary
    }
    if (before !== undefined && before.role !== replication.role) changed()
  }

  function lookNow(): Promise<void> {
    const own = look().finally(() => {
      if (looking === own) looking = undefined
    })
    return own
  }

  async function look(): Promise<void> {
    if (!link.isReady) return
    const { replies } = link
    const askedAt = performance.now()
    replies.expect()
    try {
      await readReplication(link.client)
      replies.heard()
      if (performance.now() - askedAt <= promptWithin) replies.isSuspect = false
    } catch (error) {
      if (isErrorReply(error)) replies.heard()
      else replies.forget()
    }
  }

  function linkChanged(): void {
    if (link.isReady !== wasReady) {
      wasReady = link.isReady
      if (wasReady) {
        reads.succeeded()
        tellForCopies()
      } else {
        const problem = link.problem ?? 'the connection was lost'
        lostAt = performance.now()
        fed.lost()
        reads.failed(problem)
        confirming.drop(problem)
        listening?.drop(problem)
      }
    }
    changed()
  }

  /** It may have come to light while it was being greeted. */
  function tellForCopies(): void {
    if (!link.isReady || toldForCopies === answersForCopies) return
    toldForCopies = answersForCopies
    ;(answersForCopies ? link.client.readonly() : link.client.readwrite()).catch(() => {})
  }

  return {
    name,
    host: address.host,
    link,
    reads,
    changes,
    get replication() {
      return replication
    },
    get holdsCopy() {
      return holdsCopy
    },
    get isFed() {
      return fed.flows
    },
    get wasPromoted() {
      return wasPromoted
    },
    get lostAt() {
      return lostAt
    },
    get lostReplicaAt() {
      return lostReplicaAt
    },
    look() {
      if (looking === undefined) return (looking = lookNow())
      // The answer to the one under way may be older than this call.
      lookingAgain ??= looking.then(() => {
        lookingAgain = undefined
        return (looking = lookNow())
      })
      return lookingAgain
    },
    confirming,
    listen: (options) => (listening = subscription({ open: (own) => openLink({ ...own, make, where }) }, options)),
    answerForCopies(does) {
      answersForCopies = does
      tellForCopies()
    },
    depose() {
      followed = undefined
      wasPromoted = holdsCopy = false
      wasPrimary = true
      link.drop('another server is the primary now')
      void confirming.release()
    },
    async close() {
      await Promise.all([link.close(), confirming.release()])
    },
  }
}

/** The server behind a client that was handed in: the client knows how to find it. */
export function borrowedNode(link: Link<RedisClient>): RedisNode {
  const name = 'client'
  const { client, where } = link
  return {
    name,
    host: '',
    link,
    reads: breaker({ node: name, guards: 'reads', failuresToOpen: Infinity, changed() {} }),
    changes: breaker({ node: name, guards: 'changes', failuresToOpen: Infinity, changed() {} }),
    replication: undefined,
    holdsCopy: false,
    isFed: false,
    wasPromoted: false,
    lostAt: -Infinity,
    lostReplicaAt: -Infinity,
    async look() {},
    confirming: undefined,
    listen: canListen(client) ? (options) => borrowedSubscription(client, where, options) : undefined,
    close: () => link.close(),
  }
}

/** Undefined where this user may not ask. */
async function infoOf(redis: Redis, section: string): Promise<string | undefined> {
  try {
    return await redis.info(section)
  } catch (error) {
    if (isErrorReply(error, 'NOPERM')) return undefined
    throw error
  }
}

/** It has the name of an error reply, since that is what every command would be answered with. */
class Loading extends Error {
  override readonly name = 'ReplyError'
  override readonly message = 'LOADING'
}
