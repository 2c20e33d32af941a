import { randomInt } from 'node:crypto'
import type { Redis } from 'ioredis'
import { openLink, type NeededOptions } from './link.ts'
import type { RedisClient } from './redis-client.ts'
import { subscription, type Subscription, type SubscriptionOptions, type SubscriptionPlace } from './subscription.ts'

/** What `Redis` and `Cluster` of ioredis have beside what stands in `RedisClient`. */
interface Duplicable {
  duplicate(options: NeededOptions): Redis
  /** Of a Cluster. */
  nodes?(role: 'master'): Redis[]
}

/** Whether changes can be listened to as this client reaches its servers. */
export function canListen(client: RedisClient): boolean {
  return typeof client.duplicate === 'function'
}

/**
 * Listens by a connection of our own, made as those of a client that was handed in: as long as that is not closed. Of a Cluster it listens
 * to one node, since each is told what is published on the others. (A Cluster of ioredis that subscribes goes from node to node, and does
 * not say so.)
 */
export function borrowedSubscription(client: RedisClient, where: string, options: SubscriptionOptions): Subscription {
  const lender = client as unknown as Duplicable
  let node: Redis | undefined
  let own: Subscription | undefined

  function make(needed: NeededOptions): Redis {
    if (lender.nodes === undefined) return lender.duplicate(needed)
    const nodes = lender.nodes('master')
    node = nodes[randomInt(Math.max(nodes.length, 1))]
    if (node === undefined) throw new Error('no node of the Cluster is known')
    return node.duplicate(needed)
  }

  function isMeant(): boolean {
    return lender.nodes === undefined || (node !== undefined && lender.nodes('master').includes(node))
  }

  function listen(): void {
    const open: SubscriptionPlace['open'] = (link) => openLink({ ...link, make, where })
    own ??= subscription({ open, isMeant }, options)
  }

  function letGo(): void {
    void own?.close()
    own = undefined
    options.changed()
  }

  client.on('ready', listen)
  client.on('end', letGo)
  if (client.status !== 'end') listen()
  return {
    drop: (problem) => own?.drop(problem),
    async close() {
      client.off('ready', listen)
      client.off('end', letGo)
      await own?.close()
    },
  }
}
