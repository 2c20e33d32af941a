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
}

/** How long `'replicated'` waits, in milliseconds: less than one operation may take by default, so that its answer is heard. */
const withinByDefault = 150

/** A replica that has confirmed nothing for so many milliseconds is not waited for: each confirms once a second. */
const keepsUpWithin = 2_000

/** A put that counts once replicas have it, or `ERR_NOT_DURABLE`: it stands on the primary then, and the same put again may be confirmed. */
export async function confirmedPut(node: RedisNode, put: Put, { durability, options }: ConfirmedPutOptions): Promise<PutResult> {
  if (durability === 'replicated') return replicatedPut(node, put, options)
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
async function replicatedPut(node: RedisNode, put: Put, options: PutOptions): Promise<PutResult> {
  const wanted = replicasThatKeepUp(node)
  if (wanted === 0 || node.confirming === undefined) {
    publish('not-replicated', () => ({ node: node.name }))
    return put(node.link.client)
  }
  const { result, replicas } = await node.confirming.confirm({ put, replicas: wanted, within: withinByDefault }, options)
  if (!result.stored || replicas > 0) return result
  await node.look()
  if (replicasThatKeepUp(node) > 0) throw notDurable(node, 1, 0)
  publish('not-replicated', () => ({ node: node.name }))
  return result
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
