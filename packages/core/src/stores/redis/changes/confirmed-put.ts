import { setTimeout as sleep } from 'node:timers/promises'
import { sessionError } from '../../../errors.ts'
import { publish } from '../../../events.ts'
import type { Durability, PutOptions, PutResult } from '../../../record/store.ts'
import type { RedisClient } from '../node/redis-client.ts'
import type { RedisNode } from '../node/redis-node.ts'

/** Stores a record over this client, so that WAIT on the same connection tells about it. */
export type Put = (client: RedisClient) => Promise<PutResult>

export interface ConfirmedPutOptions {
  readonly durability: Exclude<Durability, 'primary'>
  readonly options: PutOptions
  /** The replicas that this primary had, as far as is known. */
  readonly replicas: () => readonly RedisNode[]
}

/** How long `'replicated'` waits, in milliseconds: less than one operation may take by default, so that its answer is heard. */
const withinByDefault = 150

/** A replica that has confirmed nothing for so many milliseconds is not waited for: each confirms once a second. */
const keepsUpWithin = 2_000

/** How long what a primary says is doubted after one of its replicas has left, in milliseconds, and how often that one is looked for. */
const doubtedFor = 1_000
const lookEvery = 20
/** How long a replica that is silent is waited for, in milliseconds. */
const heardWithin = 50

/** A put that counts once replicas have it, or `ERR_NOT_DURABLE`: it stands on the primary then, and the same put again may be confirmed. */
export async function confirmedPut(node: RedisNode, put: Put, given: ConfirmedPutOptions): Promise<PutResult> {
  const { durability, options } = given
  if (durability === 'replicated') return replicatedPut(node, put, given)
  const { replicas: wanted, withinTimeout: within } = durability
  if (node.confirming === undefined) throw notDurable(node, wanted, 0)
  const { result, replicas } = await node.confirming.confirm({ put, replicas: wanted, within }, options)
  if (result.stored && replicas < wanted) throw notDurable(node, wanted, replicas)
  return result
}

/**
 * Counts with one replica, and waits a moment for all that keep up: one that is left out would go on showing a session that was ended, and
 * could do so for seconds if the primary died now.
 */
async function replicatedPut(node: RedisNode, put: Put, { options, replicas: all }: ConfirmedPutOptions): Promise<PutResult> {
  const wanted = replicasThatKeepUp(node)
  if (wanted === 0 || node.confirming === undefined) {
    publish('not-replicated', () => ({ node: node.name }))
    const result = await put(node.link.client)
    await hearFrom(node, all())
    return result
  }
  const { result, replicas } = await node.confirming.confirm({ put, replicas: wanted, within: withinByDefault }, options)
  if (!result.stored) return result
  if (replicas < wanted) await node.look()
  await hearFrom(node, all())
  if (replicas > 0) return result
  if (replicasThatKeepUp(node) > 0) throw notDurable(node, 1, 0)
  publish('not-replicated', () => ({ node: node.name }))
  return result
}

/**
 * Before anything counts, each replica says that it is one still: one that was just promoted will be followed by those that have confirmed,
 * who then forget it. One that has left its primary, or cut its connection with us, is waited for, a second at most.
 */
async function hearFrom(node: RedisNode, replicas: readonly RedisNode[]): Promise<void> {
  await Promise.race([Promise.all(replicas.map((replica) => replica.look())), sleep(heardWithin)])
  while (replicas.some((replica) => mayHaveLeft(node, replica))) await sleep(lookEvery)
}

function mayHaveLeft(node: RedisNode, { link, lostAt, replication }: RedisNode): boolean {
  const now = performance.now()
  const isUnheard = (replication?.askedAt ?? -Infinity) < node.lostReplicaAt
  return (!link.isReady && now < lostAt + doubtedFor) || (isUnheard && now < node.lostReplicaAt + doubtedFor)
}

/** How many there are, as far as the primary says, which hears from each once a second and counts in seconds; one where it may not be asked. */
function replicasThatKeepUp({ replication }: RedisNode): number {
  return replication === undefined ? 1 : replication.replicaAges.filter((age) => age < keepsUpWithin).length
}

function notDurable({ link }: RedisNode, wanted: number, confirmed: number): Error {
  const words = confirmed === 0 ? 'no replica' : `only ${confirmed}`
  return sessionError(
    'ERR_NOT_DURABLE',
    `${link.where} has the change, and ${words} of the ${wanted} that were asked for confirmed it in time.`,
  )
}
