import { randomInt } from 'node:crypto'
import { emitWarning } from 'node:process'
import { changeListeners } from '../../../record/change-listeners.ts'
import type { StoreChange } from '../../../record/store.ts'
import type { RedisNode } from '../node/redis-node.ts'
import type { Subscription } from '../node/subscription.ts'
import { readAnnouncement, type Announcement } from './announcement.ts'

/** What the servers announce, to whoever listens. */
export interface Announcements {
  onChange(listener: (change: StoreChange) => void): () => void
  /** From now on connections may be opened. */
  start(): void
  /** The servers that take changes may be others now. */
  follow(): void
  /** How a change under this key is announced; undefined where it is not. */
  announcementOf(key: string): Announcement | undefined
  /** This server did not let us announce a change. */
  notAnnounced(where: string): void
  close(): Promise<void>
}

/** How long changes are not announced once this user was not let, in milliseconds: Redis logs each refusal. */
const announceAgainAfter = 60_000

/**
 * How many servers are listened to: all that take changes, but for a large Cluster, where each node is told what is published on any, and a
 * process that listens to all would hear each change from each.
 */
const mostSubscriptions = 3

export interface AnnouncementsOptions {
  /** Undefined: nothing is announced. */
  readonly channel: string | undefined
  /** The servers that take changes. */
  readonly primaries: () => readonly RedisNode[]
}

/**
 * Listens to the servers that take changes, while somebody listens here. Tells that news may have been lost whenever it listens to one less
 * than it should, when it does again, and when others take the changes.
 */
export function announcements({ channel, primaries }: AnnouncementsOptions): Announcements {
  const subscriptions = new Map<RedisNode, Subscription>()
  let followed: readonly RedisNode[] = []
  const listeners = changeListeners({ first: follow, last: release })
  let isStarted = false
  let hasWarned = false
  /** `performance.now()` */
  let announceAgainAt = 0
  const turn = randomInt(1_000)
  const closing = new Set<Promise<void>>()

  function follow(): void {
    if (!isStarted || listeners.count === 0) return
    const nodes = primaries()
    if (nodes.length === followed.length && nodes.every((node) => followed.includes(node))) return
    followed = nodes
    for (const node of subscriptions.keys()) if (!nodes.includes(node)) letGo(node)
    // Each process begins with another one of them.
    const inTurn = [...nodes.slice(turn % nodes.length), ...nodes.slice(0, turn % nodes.length)]
    for (const node of inTurn) if (subscriptions.size < mostSubscriptions && !subscriptions.has(node)) listenTo(node)
    listeners.tell('lost')
  }

  function listenTo(node: RedisNode): void {
    if (channel === undefined) return
    const subscription = node.listen?.({ channel, heard, changed, refused: (where) => warn(where, 'subscribe to') })
    if (subscription !== undefined) subscriptions.set(node, subscription)

    function changed(): void {
      if (subscriptions.get(node) === subscription) listeners.tell('lost')
    }
  }

  function heard(message: string): void {
    const change = readAnnouncement(message)
    if (change !== undefined) listeners.tell(change)
  }

  function letGo(node: RedisNode): void {
    const closed = subscriptions.get(node)?.close()
    subscriptions.delete(node)
    if (closed === undefined) return
    closing.add(closed)
    void closed.finally(() => closing.delete(closed))
  }

  function release(): void {
    followed = []
    for (const node of subscriptions.keys()) letGo(node)
  }

  function warn(where: string, what: string): void {
    if (hasWarned) return
    hasWarned = true
    const words = `${where} does not let this user ${what} the channel ${channel}, so that changes by other processes show when a copy is too old.`
    emitWarning(`${words} Give the user &${channel} +publish +subscribe.`, { type: 'HoldfastWarning', code: 'HOLDFAST_REDIS_NO_CHANNEL' })
  }

  return {
    onChange: listeners.add,
    start() {
      if (isStarted) return
      isStarted = true
      follow()
    },
    follow,
    announcementOf: (key) => (channel === undefined || performance.now() < announceAgainAt ? undefined : { channel, as: key }),
    notAnnounced(where) {
      announceAgainAt = performance.now() + announceAgainAfter
      if (listeners.count > 0) warn(where, 'publish to')
    },
    async close() {
      listeners.close()
      await Promise.all(closing)
    },
  }
}
