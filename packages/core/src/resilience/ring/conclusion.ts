import type { StoredRecord } from '../../record/store.ts'
import type { Holders } from './membership.ts'
import type { RingMember } from './ring-member.ts'
import type { CheckedRingOptions } from './ring-options.ts'

/** What is known of a key so far. */
export interface Evidence {
  readonly key: string
  readonly holders: Holders
  readonly answers: ReadonlyMap<RingMember, StoredRecord | null>
  readonly newest: StoredRecord | null
  /** The oldest version that is asked for. */
  readonly atLeast: string | undefined
  readonly ring: Pick<CheckedRingOptions, 'copies' | 'onNodeDown'>
}

/**
 * Whether the newest record of those that answered is the newest that was ever acknowledged, or all that can be had of it.
 *
 * That there is none is only sure once nobody is silent, since a copy can have been evicted; and where some are down, only from one that
 * has not just come back itself.
 */
export function isConclusive(evidence: Evidence): boolean {
  const { holders, answers, newest, atLeast = '', ring } = evidence
  const { members, reach } = holders
  const unheard = members.filter((member) => !answers.has(member))
  // With `next`, what only nodes have that are down is lost.
  const lost = ring.onNodeDown === 'next' ? unheard.filter(({ state }) => state === 'down').length : 0
  const silent = unheard.length - lost
  if (newest === null) return silent === 0 && [...answers.keys()].some((member) => lost === 0 || !mayBeBehind(evidence, member))
  if (unheard.length === 0) return true
  if (newest.version < atLeast && silent > 0) return false
  // One that answered has it: fewer are left than have each change. Those that are down count as well: in their place is one that may have a
  // copy from when it was a holder before.
  if (unheard.length + countBehind(evidence) < reach) return true
  return ownerHasNewest(evidence) || (silent === 0 && !isLeftBehind(evidence))
}

/**
 * Whether one that always gets the acknowledged changes of this key has answered with the newest: it was there all the time, or lost its
 * memory and has only what came since.
 */
function ownerHasNewest(evidence: Evidence): boolean {
  const { holders, answers, newest, ring } = evidence
  return holders.members
    .slice(0, ring.copies)
    .some(
      (member) => answers.get(member)?.version === newest?.version && (holders.steady.includes(member) || !mayBeBehind(evidence, member)),
    )
}

/** Whether all that have this record were away with it until just now: what came after it may be on those that are down. */
function isLeftBehind(evidence: Evidence): boolean {
  const version = evidence.newest?.version
  return [...evidence.answers].every(([member, record]) => record?.version !== version || mayBeBehind(evidence, member))
}

/** How many of those that answered do not count. What one has missed while it was away, one that was there has. */
function countBehind(evidence: Evidence): number {
  const { key, holders, answers } = evidence
  const hasWitness = holders.steady.some((member) => answers.has(member))
  return [...answers.keys()].filter((member) => (hasWitness ? member.isOwed(key) : mayBeBehind(evidence, member))).length
}

/** Whether it may have yet to be given something, by this process or another one that was there while it was away. */
function mayBeBehind({ key }: Evidence, member: RingMember): boolean {
  return member.isOwed(key) || member.presence.mayBeBehind
}
