import { isSessionError, type SessionErrorCode } from '../../errors.ts'
import type { PutResult } from '../../record/store.ts'
import { decide } from './decide.ts'
import { outcomeUnknown, type RingChange } from './ring-change.ts'
import type { RingMember } from './ring-member.ts'
import { unavailable } from './ring-read.ts'
import { spread } from './spread.ts'

/**
 * The first holder that answers decides, by its compare-and-set, and what it stored goes to the others as newer-wins. (A compare-and-set on
 * each of them gave 86 to 99 for 50 increments.)
 */
export async function ringPut(change: RingChange): Promise<PutResult> {
  const { holders, ring } = change
  const owners = holders.members.slice(0, ring.copies)
  if (ring.onNodeDown === 'unavailable' && owners.every(({ state }) => state === 'down')) throw unavailable(holders)

  let mayStand = false
  let failure: Error | undefined
  for (const decider of inOrderOfDeciding(holders.members)) {
    let result: PutResult
    try {
      result = await decide(decider, change)
    } catch (error) {
      const code = isSessionError(error) ? error.code : undefined
      // One that does not answer, is full, or whose copy is damaged: the next one decides.
      if (code === undefined || !passedOn.has(code)) throw error
      if (code === 'ERR_OUTCOME_UNKNOWN') mayStand = true
      failure = error as Error
      continue
    }
    if (result.stored) return spread(decider, change)
    // What is there may well be built on ours: it is settled by the same put again, which no longer asks the one that is silent.
    if (mayStand) throw outcomeUnknown(failure)
    return result
  }
  throw mayStand ? outcomeUnknown(failure) : (failure ?? unavailable(holders))
}

const passedOn: ReadonlySet<SessionErrorCode> = new Set(['ERR_UNAVAILABLE', 'ERR_OUTCOME_UNKNOWN', 'ERR_REFUSED', 'ERR_RECORD'])

/** Those that are up and may decide; then the others that are up, and those that may not answer, where nobody else does. */
function inOrderOfDeciding(members: readonly RingMember[]): RingMember[] {
  const now = Date.now()
  const rankOf = ({ state, presence, leftAt }: RingMember): number => {
    if (state !== 'up') return 3
    // Until all processes have seen it come, those that were there before decide.
    if (presence.decidesFrom <= now && (leftAt === undefined || now < presence.decidesUntil(leftAt))) return 0
    return leftAt === undefined ? 1 : 2
  }
  const able = members.filter(({ state }) => state !== 'down').map((member) => ({ member, rank: rankOf(member) }))
  return able.toSorted((one, other) => one.rank - other.rank).map(({ member }) => member)
}
