import { sessionError } from '../../errors.ts'
import { publish } from '../../events.ts'
import type { StoredRecord } from '../../record/store.ts'
import { counterOf, isEndedVersion } from '../../record/version.ts'
import type { RingMember } from './ring-member.ts'

/** So many others at once would be more writers than one session has. */
const mostAttempts = 8

/**
 * Gives a node a record unless it has a newer one; answers that one, or undefined when it has ours. `guess` is the version that it
 * probably has: right, it is one call.
 */
export async function storeNewer(
  member: RingMember,
  key: string,
  record: StoredRecord,
  guess: string | null,
): Promise<StoredRecord | undefined> {
  let expected = guess
  for (let attempt = 1; ; attempt++) {
    const result = await member.store.put(key, record, expected)
    if (result.stored) return undefined
    const { current } = result
    if (current !== null && current.version >= record.version) return current.version === record.version ? undefined : current
    if (attempt === mostAttempts) throw sessionError('ERR_UNAVAILABLE', `The session on ${member.name} changes too often to be replaced.`)
    if (current !== null) reportFork(key, current.version, record.version)
    expected = current?.version ?? null
  }
}

/** Of two writes with the same count neither knew of the other. Where the session has ended nothing is lost. */
export function reportFork(id: string, lost: string, kept: string): void {
  if (lost !== kept && !isEndedVersion(kept) && counterOf(lost) === counterOf(kept)) publish('fork', () => ({ id, kept, lost }))
}
