import type { Redis } from 'ioredis'
import { sessionError } from '../../../errors.ts'
import { publish } from '../../../events.ts'
import type { Durability, PutOptions, PutResult } from '../../../record/store.ts'
import type { Link } from '../node/link.ts'
import type { RedisClient } from '../node/redis-client.ts'
import type { RedisNode } from '../node/redis-node.ts'

/** Stores a record over this client, so that WAIT on the same connection tells about it. */
export type Put = (client: RedisClient) => Promise<PutResult>

export interface ConfirmedPutOptions {
  readonly durability: Exclude<Durability, 'primary'>
  readonly options: PutOptions
  readonly maxReplicaAge: number
}

/** How long `'replicated'` waits for a replica, in milliseconds: less than one operation may take by default, so that its answer is heard. */
const withinByDefault = 150

/** A put that counts once replicas have it, or `ERR_NOT_DURABLE`: it stands on the primary then, and the same put again may be confirmed. */
export async function confirmedPut(
  node: RedisNode,
  put: Put,
  { durability, options, maxReplicaAge }: ConfirmedPutOptions,
): Promise<PutResult> {
  const { confirming, link } = node
  const wanted = durability === 'replicated' ? { replicas: 1, withinTimeout: withinByDefault } : durability
  if (confirming === undefined) throw notDurable(link.where, wanted.replicas, 0)
  if (durability === 'replicated' && !hasReplica(node, maxReplicaAge)) {
    publish('not-replicated', () => ({ node: node.name }))
    return put(link.client)
  }
  return confirming.use(options, async (own) => {
    const result = await watched(own, put(own.client))
    if (!result.stored) return result
    const confirmed = await replicasThatHave(own, wanted.replicas, wanted.withinTimeout)
    if (confirmed >= wanted.replicas) return result
    if (durability === 'replicated') {
      await node.look()
      if (!hasReplica(node, maxReplicaAge)) {
        publish('not-replicated', () => ({ node: node.name }))
        return result
      }
    }
    throw notDurable(link.where, wanted.replicas, confirmed)
  })
}

/** Whether some replica keeps up, as far as the primary says: it hears from each once a second. */
function hasReplica({ replication }: RedisNode, maxReplicaAge: number): boolean {
  return replication === undefined || replication.replicaAges.some((age) => age <= Math.max(maxReplicaAge, 1_000))
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
  } finally {
    clearTimeout(giveUp)
  }
}

function notDurable(where: string, wanted: number, confirmed: number): Error {
  const words = confirmed === 0 ? 'no replica' : `only ${confirmed}`
  return sessionError('ERR_NOT_DURABLE', `${where} has the change, and ${words} of the ${wanted} that were asked for confirmed it in time.`)
}
