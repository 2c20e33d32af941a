import type { SessionStore } from '../../record/store.ts'
import type { NodeMarker } from './node-marker.ts'
import type { CheckedRingNode, CheckedRingOptions, RingNodeStatus } from './ring-options.ts'
import { rendezvous } from './rendezvous.ts'
import { ringMember, type RingMember } from './ring-member.ts'

/** Who has the sessions, now and until a moment ago. */
export interface Membership {
  /**
   * The nodes that have, or may have, what is stored under a key, in their order: the shortest beginning of it in which `copies` nodes
   * are up and have missed nothing. Every change goes to all of them that are up; so of all acknowledged changes each is on one of them
   * that was up then. Where every node was always there, they are the first `copies`.
   */
  holders(key: string): Holders
  /** A record was seen that lives until then. */
  seen(expiresAt: number): void
  /** Resolves once the nodes have said since when they are there. */
  meet(): Promise<void>
  /** Notes on all nodes that they are in use. */
  noteUse(): void
  change(nodes: readonly CheckedRingNode[]): void
  status(): RingNodeStatus[]
  close(): Promise<void>
}

export interface Holders {
  readonly members: readonly RingMember[]
  /** Those of them that have missed nothing and are not down. */
  readonly steady: readonly RingMember[]
  /** On how many of them each acknowledged change is at least, as long as fewer nodes than `copies` are away at a time. */
  readonly reach: number
}

/** A node that nobody has used for so many milliseconds while the others were used was not there. */
const mostUnused = 3 * 60_000

/** `join` is called with the store of each node that comes, and what it answers when that goes. */
export function membership(
  first: readonly CheckedRingNode[],
  options: CheckedRingOptions,
  join: (store: SessionStore) => () => void,
): Membership {
  const { copies, settleFor } = options
  let longestLifetime = options.longestLifetime
  let members: RingMember[] = first.map((node) => newMember(node, 0))
  const listedFirst = members
  let order = rendezvous(members)
  /** The orders by which other weights shared the keys out, not longer ago than a session lives. */
  let former: { readonly since: number; readonly ownersOf: (key: string) => readonly RingMember[] }[] = []

  function newMember(node: CheckedRingNode, arrivedAt: number): RingMember {
    return ringMember(node, {
      ...options,
      arrivedAt,
      closed: join(node.store),
      introduce: (member) => introduce([member]),
      // What one that leaves has cannot be had any more then.
      wentDown: (member) => {
        if (member.leftAt !== undefined) drop([member])
      },
    })
  }

  function drop(gone: readonly RingMember[]): void {
    members = members.filter((member) => !gone.includes(member))
    order = rendezvous(members)
    for (const member of gone) void member.close().catch(() => {})
  }

  function isSteady(member: RingMember, now: number): boolean {
    return member.state !== 'down' && member.owed === 0 && member.leftAt === undefined && member.presence.since + longestLifetime <= now
  }

  function isGone({ leftAt }: RingMember, now: number): boolean {
    return leftAt !== undefined && leftAt + longestLifetime <= now
  }

  function addFormerOwners(holding: RingMember[], key: string, now: number): void {
    former = former.filter(({ since }) => since + longestLifetime > now)
    for (const { ownersOf } of former)
      for (const owner of ownersOf(key)) if (!holding.includes(owner) && members.includes(owner)) holding.push(owner)
  }

  /** How the keys are shared out now, for when they are shared out otherwise. */
  function formerOrder(now: number): (typeof former)[number] {
    const inOrder = rendezvous(members.map((member) => ({ name: member.name, weight: member.weight, member })))
    return { since: now, ownersOf: (key) => inOrder(key).flatMap(({ member }, place) => (place < copies ? [member] : [])) }
  }

  /**
   * Those that come to others have missed everything; where no node has a marker but those that another process has just begun the ring
   * with, this is where it begins.
   */
  async function introduce(these: readonly RingMember[]): Promise<void> {
    const met = await Promise.all(these.map(async (member) => ({ member, found: await member.presence.ask() })))
    const markers = [...met.map(({ found }) => found), ...members.map(({ presence }) => presence.marker)].flatMap((each) => each ?? [])
    const lastUse = Math.max(0, ...markers.map(({ seenAt }) => seenAt))
    const isBeginning = markers.every(({ bornAt, madeAt }) => bornAt === 0 && madeAt > Date.now() - settleFor)
    const isPresent = (member: RingMember, found: NodeMarker | null): boolean =>
      listedFirst.includes(member) && (found === null ? isBeginning : found.seenAt >= lastUse - mostUnused)
    const settling = met.map(async ({ member, found }) => {
      if (found !== undefined) await member.presence.settle(found, isPresent(member, found) ? 'present' : 'newcomer')
    })
    await Promise.allSettled(settling)
  }

  return {
    holders: function holders(key): Holders {
      const now = Date.now()
      const inOrder = order(key)
      const steady: RingMember[] = []
      let taken = 0
      for (const member of inOrder) {
        if (isGone(member, now)) {
          drop(members.filter((each) => isGone(each, now)))
          return holders(key)
        }
        taken += 1
        if (isSteady(member, now) && steady.push(member) === copies) break
      }
      const holding = inOrder.slice(0, taken)
      if (former.length > 0) addFormerOwners(holding, key, now)
      const reach = Math.min(copies, Math.max(members.length - copies + 1, 1))
      return { members: holding, steady, reach }
    },
    seen(expiresAt) {
      const lifetime = expiresAt - Date.now()
      if (lifetime > longestLifetime) longestLifetime = lifetime
    },
    meet: () => introduce(listedFirst),
    noteUse() {
      for (const member of members) if (member.state === 'up') void member.presence.noteUse().catch(() => {})
    },
    change(nodes) {
      const now = Date.now()
      const names = new Set(nodes.map(({ name }) => name))
      const known = new Map(members.map((member) => [member.name, member]))
      const leaving = members.filter(({ name, leftAt }) => !names.has(name) && leftAt === undefined)
      for (const member of leaving) {
        member.leftAt = now
        void member.presence.leave()
      }
      if (nodes.some(({ name, weight }) => (known.get(name)?.weight ?? weight) !== weight)) former.push(formerOrder(now))
      const added: RingMember[] = []
      for (const node of nodes) {
        const member = known.get(node.name)
        if (member === undefined) added.push(newMember(node, now))
        else {
          member.leftAt = undefined
          member.weight = node.weight
          if (node.store !== member.given) void node.store.close?.().catch(() => {})
        }
      }
      members = [...members, ...added]
      order = rendezvous(members)
      drop(leaving.filter(({ state }) => state === 'down'))
      void introduce(added)
    },
    status: () =>
      members.map(({ name, state, reason, leftAt, owed }) => ({
        name,
        state: leftAt === undefined ? state : 'leaving',
        reason,
        handOff: owed,
      })),
    async close() {
      const closing = await Promise.allSettled(members.map((member) => member.close()))
      for (const each of closing) if (each.status === 'rejected') throw each.reason
    },
  }
}
