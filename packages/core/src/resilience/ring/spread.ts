import { sessionError } from '../../errors.ts'
import { publish } from '../../events.ts'
import { isEnded, type PutResult, type StoredRecord } from '../../record/store.ts'
import type { RingMember } from './ring-member.ts'
import { isForItsNode, outcomeUnknown, type RingChange } from './ring-change.ts'
import { isNewer } from './ring-read.ts'
import { reportFork, storeNewer } from './store-newer.ts'

/**
 * Gives what the decider has stored to the other holders: to those that are up now, to the others when they are back. Not stored, with
 * what stands there instead, where one of them has something newer of which the decider did not know.
 */
export async function spread(decider: RingMember, change: RingChange): Promise<PutResult> {
  const { key, record, options, holders, ring } = change
  const { durability = 'primary', expected } = options
  const replicas = typeof durability === 'object' ? durability.replicas : durability === 'replicated' ? 1 : 0
  // An end reaches all that can be reached: one that is left out would go on showing the session.
  const wanted = isEnded(record) || ring.write >= ring.copies ? Infinity : Math.max(ring.write - 1, replicas)

  const copying: Promise<Copy>[] = []
  for (const member of holders.members) {
    if (member === decider) continue
    if (member.state === 'up') copying.push(copyTo(member))
    else member.owe(key, record)
  }
  const { confirmed, newer } = await copied(copying, wanted, (late) => void standsInstead(late).catch(() => {}))
  const instead = newer === undefined ? undefined : await standsInstead(newer)
  if (instead !== undefined) return { stored: false, current: instead }
  if (typeof durability === 'object' && confirmed < replicas && !isForItsNode(change)) throw notDurable(confirmed, replicas)
  if (durability === 'replicated' && ring.copies > 1 && confirmed === 0) publish('not-replicated', () => ({ node: decider.name }))
  return { stored: true }

  async function copyTo(member: RingMember): Promise<Copy> {
    try {
      return { isStored: true, newer: await storeNewer(member, key, record, expected) }
    } catch {
      member.owe(key, record)
      return { isStored: false, newer: undefined }
    }
  }

  /** Undefined where the newer record came after ours, which the decider then has as well. */
  async function standsInstead(found: StoredRecord): Promise<StoredRecord | undefined> {
    if (!isEnded(found)) {
      const there = await decider.store.get(key, { fresh: true }).catch((error: unknown) => Promise.reject(outcomeUnknown(error)))
      if (there !== null && there.version >= found.version) return undefined
      reportFork(key, record.version, found.version)
    }
    await storeNewer(decider, key, found, record.version).catch(() => decider.owe(key, found))
    return found
  }
}

interface Copy {
  readonly isStored: boolean
  /** What is there in its place. */
  readonly newer: StoredRecord | undefined
}

/** Waits until so many copies are stored, or all have been tried. `metLate` is given what is newer and was met after that. */
function copied(
  copying: readonly Promise<Copy>[],
  wanted: number,
  metLate: (newer: StoredRecord) => void,
): Promise<{ confirmed: number; newer: StoredRecord | undefined }> {
  return new Promise((resolve) => {
    let isAnswered = false
    let left = copying.length
    let confirmed = 0
    let newest: StoredRecord | undefined
    const settle = (): void => {
      if (left > 0 && confirmed < wanted) return
      isAnswered = true
      resolve({ confirmed, newer: newest })
    }
    settle()
    for (const copy of copying)
      void copy.then(({ isStored, newer }) => {
        if (isAnswered && newer !== undefined) metLate(newer)
        left -= 1
        if (isStored) confirmed += 1
        if (newer !== undefined && isNewer(newer, newest ?? null)) newest = newer
        settle()
      })
  })
}

function notDurable(confirmed: number, wanted: number): Error {
  return sessionError('ERR_NOT_DURABLE', `The change is stored, with ${confirmed} of the ${wanted} further copies that were asked for.`)
}
