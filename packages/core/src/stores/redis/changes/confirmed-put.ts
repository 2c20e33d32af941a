import type { Redis } from 'ioredis'
import { sessionError } from '../../../errors.ts'
import { publish } from '../../../events.ts'
import type { Durability, PutOptions, PutResult } from '../../../record/store.ts'
import type { Link } from '../node/link.ts'
import { connectionProblem, isErrorReply } from '../node/redis-errors.ts'
import type { RedisClient } from '../node/redis-client.ts'
import type { RedisNode } from '../node/redis-node.ts'

/** Stores a record over this client, so that WAIT on the same connection tells about it. */
export type Put = (client: RedisClient) => Promise<PutResult>

export interface ConfirmedPutOptions {
  readonly durability: Exclude<Durability, 'primary'>
  readonly options: PutOptions
  readonly maxReplicaAge: number
}

/** How long `'replicated'` waits, in milliseconds: less than one operation may take by default, so that its answer is heard. */
const withinByDefault = 150

/**
 * A put that counts once replicas have it, or `ERR_NOT_DURABLE`: it stands on the primary then, and the same put again may be confirmed.
 *
 * `'replicated'` counts with one replica, and waits a moment for all that keep up: one that is left out would go on showing a session that
 * was ended, and could do so for seconds if the primary died now.
 */
export async function confirmedPut(
  node: RedisNode,
  put: Put,
  { durability, options, maxReplicaAge }: ConfirmedPutOptions,
): Promise<PutResult> {
  const { confirming, link } = node
  const needed = durability === 'replicated' ? 1 : durability.replicas
  if (confirming === undefined) throw notDurable(link.where, needed, 0)
  const keepingUp = replicasThatKeepUp(node, maxReplicaAge)
  if (durability === 'replicated' && keepingUp === 0) {
    publish('not-replicated', () => ({ node: node.name }))
    return put(link.client)
  }
  return confirming.use(options, async (own) => {
    const result = await watched(own, put(own.client))
    if (!result.stored) return result
    const [wanted, within] = durability === 'replicated' ? [keepingUp, withinByDefault] : [needed, durability.withinTimeout]
    const confirmed = await replicasThatHave(own, wanted, within)
    if (confirmed >= needed) return result
    if (durability === 'replicated') {
      await node.look()
      if (replicasThatKeepUp(node, maxReplicaAge) === 0) {
        publish('not-replicated', () => ({ node: node.name }))
        return result
      }
    }
    throw notDurable(link.where, needed, confirmed)
  })
}

/** How many there are, as far as the primary says, which hears from each once a second and counts in seconds; one where it may not be asked. */
function replicasThatKeepUp({ replication }: RedisNode, maxReplicaAge: number): number {
  return replication === undefined ? 1 : replication.replicaAges.filter((age) => age < Math.max(maxReplicaAge, 2_000)).length
}

async function watched<T>({ replies }: Link, answer: Promise<T>): Promise<T> {
  replies.expect()
  try {
    const result = await answer
    replies.heard()
    return result
  } catch (error) {
    replies.forget()
    throw error
  }
}

/** A server that does not answer WAIT in its time is silent, but was told to be silent that long. */
async function replicasThatHave(link: Link<Redis>, replicas: number, within: number): Promise<number> {
  const giveUp = setTimeout(() => link.drop('it did not answer WAIT'), within + 300)
  try {
    return await link.client.wait(replicas, Math.ceil(within))
  } catch (error) {
    // Not the put, which is applied.
    if (!isErrorReply(error)) throw error
    throw sessionError('ERR_NOT_DURABLE', `${link.where} has the change, and refused to wait for replicas: ${connectionProblem(error)}`)
  } finally {
    clearTimeout(giveUp)
  }
}

function notDurable(where: string, wanted: number, confirmed: number): Error {
  const words = confirmed === 0 ? 'no replica' : `only ${confirmed}`
  return sessionError('ERR_NOT_DURABLE', `${where} has the change, and ${words} of the ${wanted} that were asked for confirmed it in time.`)
}
