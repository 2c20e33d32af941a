import type { PutResult, StoredRecord } from '../../record/store.ts'
import type { RingMember } from './ring-member.ts'
import { isForItsNode, type RingChange } from './ring-change.ts'
import { isNewer, unavailable } from './ring-read.ts'
import { storeNewer } from './store-newer.ts'

/** How often a decider that was behind is asked anew. */
const mostAttempts = 3

/** The compare-and-set on one node; where that is behind what was expected, what the others have counts. */
export async function decide(decider: RingMember, change: RingChange): Promise<PutResult> {
  const { key, record, options, holders, ring } = change
  const { expected } = options
  const durability = isForItsNode(change) ? options.durability : undefined
  const put = (over: string | null): Promise<PutResult> => decider.store.put(key, record, over, durability)

  let result = await put(expected)
  if (result.stored) return result
  const others = holders.members.filter((member) => member !== decider && member.state !== 'down')
  // What only nodes have that are down is lost with `next`; not because one that has just come back does not have it yet.
  const isWaitedFor =
    holders.members.some(({ state }) => state === 'down') && (ring.onNodeDown === 'unavailable' || decider.presence.mayBeBehind)
  for (let attempt = 1; !result.stored && attempt <= mostAttempts; attempt += 1) {
    const { current } = result
    if (!isLess(current, expected) || (others.length === 0 && !isWaitedFor)) return result
    const { newest, isSure } = await newestOf(others, key, current)
    if (newest?.version === record.version) {
      await storeNewer(decider, key, record, current?.version ?? null)
      return { stored: true }
    }
    if (newest?.version !== expected) {
      if ((!isSure || isWaitedFor) && isLess(newest, expected)) throw unavailable(holders)
      if (newest !== null && newest !== current) void storeNewer(decider, key, newest, current?.version ?? null).catch(() => {})
      return { stored: false, current: newest }
    }
    result = await put(current?.version ?? null)
  }
  return result
}

function isLess(found: StoredRecord | null, expected: string | null): boolean {
  return expected !== null && (found === null || found.version < expected)
}

/** The newest that they have, or what was `found`; sure if all of them have answered. */
async function newestOf(
  members: readonly RingMember[],
  key: string,
  found: StoredRecord | null,
): Promise<{ newest: StoredRecord | null; isSure: boolean }> {
  const asked = await Promise.allSettled(members.map(({ store }) => store.get(key, { fresh: true })))
  let newest = found
  for (const each of asked) if (each.status === 'fulfilled' && each.value !== null && isNewer(each.value, newest)) newest = each.value
  return { newest, isSure: asked.every(({ status }) => status === 'fulfilled') }
}
