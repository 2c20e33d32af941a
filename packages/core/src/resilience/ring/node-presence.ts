import { isSessionError } from '../../errors.ts'
import type { SessionStore, StoredRecord } from '../../record/store.ts'
import type { BoundedStore } from '../../waiting/bounded-store.ts'
import { markerKey, markerRecord, newMarker, readMarker, type NodeMarker } from './node-marker.ts'

/** Since when a node has been there, as its marker tells, and all processes that read it. */
export interface NodePresence {
  /** Its marker, as far as it is known. */
  readonly marker: NodeMarker | undefined
  /** Unix ms: since when it has missed nothing; 0: from the beginning. */
  readonly since: number
  /** Whether it has come, or come back, so recently that other processes may have yet to give it what it has missed. */
  readonly mayBeBehind: boolean
  /**
   * Unix ms from which on it decides which of two changes at once was first, and until which, if it leaves: `settleFor` after the
   * first process wrote down that it is there, or that it goes, so that all turn to it, or from it, together.
   */
  readonly decidesFrom: number
  decidesUntil(leftAt: number): number
  /** It is taken out. Does not reject. */
  leave(): Promise<void>
  /** Its marker, null where it has none, undefined where it does not answer. */
  ask(): Promise<NodeMarker | null | undefined>
  /** It is there with this marker (null: without one): as ever, or as one that has missed what came before. */
  settle(found: NodeMarker | null, as: 'present' | 'newcomer'): Promise<void>
  /**
   * Whether one that answers again still has what it had. `missedSince`, Unix ms: it has missed something since then.
   *
   * @throws what its store does where it does not answer
   */
  recognize(missedSince: number | undefined): Promise<'kept' | 'lost'>
  /** Notes that it is in use, where nobody else has for a minute. */
  noteUse(): Promise<void>
}

const notedFor = 60_000

/** Milliseconds within which all processes have seen that a node is back: they try it each second. */
const seenAgainWithin = 2_500

/**
 * @param listedAt Unix ms: when it came to a ring that was there before it; 0 for one that was listed from the beginning
 * @param settleFor milliseconds in which several processes notice the same change, and one of them notes it
 */
export function nodePresence(store: Pick<BoundedStore, 'get' | 'put'>, listedAt: number, settleFor: number): NodePresence {
  let marker: NodeMarker | undefined
  let arrivedAt = listedAt

  const read = (): Promise<StoredRecord | null> =>
    store.get(markerKey).catch((error: unknown) => {
      // What is no record is no marker, and the node has answered.
      if (isSessionError(error) && error.code === 'ERR_RECORD') return null
      throw error
    })

  /** Another process may do the same: what is there is the answer. */
  async function mark(next: NodeMarker, before: StoredRecord | null): Promise<void> {
    const expected = before?.version ?? null
    const record = markerRecord(next, expected)
    marker = next
    try {
      const result = await store.put(markerKey, record, expected)
      if (!result.stored) marker = readMarker(result.current) ?? next
    } catch (error) {
      // One that takes no changes now, or none of this key, is no worse than one whose marker is gone.
      if (!isSessionError(error) || (error.code !== 'ERR_REFUSED' && error.code !== 'ERR_RECORD')) throw error
    }
  }

  /** Whether another process has just written the same down. */
  function isRecent(instant: number): boolean {
    return instant > Date.now() - settleFor
  }

  return {
    get marker() {
      return marker
    },
    get since() {
      return Math.max(arrivedAt, marker?.bornAt ?? 0, marker?.backAt ?? 0)
    },
    get decidesFrom() {
      const since = marker === undefined ? arrivedAt : Math.max(marker.bornAt, marker.backAt)
      return since === 0 ? 0 : since + settleFor
    },
    decidesUntil(leftAt) {
      const noted = marker?.leftAt ?? 0
      return (noted > leftAt - settleFor ? noted : leftAt) + settleFor
    },
    async leave() {
      const record = await read().catch(() => null)
      const found = readMarker(record)
      if (found === undefined) return
      if (isRecent(found.leftAt)) marker = found
      else await mark({ ...found, leftAt: Date.now() }, record).catch(() => {})
    },
    get mayBeBehind() {
      const now = Date.now()
      const cameAt = Math.max(marker?.bornAt ?? 0, marker?.backAt ?? 0)
      return cameAt + Math.min(settleFor, seenAgainWithin) > now || arrivedAt + settleFor > now
    },
    ask: () =>
      read().then(
        (record) => readMarker(record) ?? null,
        () => undefined,
      ),
    async settle(found, as) {
      const now = Date.now()
      if (as === 'newcomer' && arrivedAt === 0) arrivedAt = now
      if (found === null) {
        await mark(newMarker(as === 'newcomer' ? now : 0), null)
        // Another process was there first, and began the ring with it.
        if (marker?.bornAt === 0 && listedAt === 0) arrivedAt = 0
      } else if (as === 'present' || isRecent(Math.max(found.bornAt, found.backAt))) marker = found
      else await mark({ ...found, backAt: now }, await read())
    },
    async recognize(missedSince) {
      const record = await read()
      const found = readMarker(record)
      const isSame = found !== undefined && (marker === undefined || found.id === marker.id)
      if (found === undefined) await mark(newMarker(Date.now()), record)
      else if (isSame && missedSince !== undefined && found.backAt < missedSince) await mark({ ...found, backAt: Date.now() }, record)
      else marker = found
      return isSame ? 'kept' : 'lost'
    },
    async noteUse() {
      const record = await read()
      const found = readMarker(record)
      if (found !== undefined && found.seenAt >= Date.now() - notedFor) marker = found
      else await mark({ ...(found ?? marker ?? newMarker(0, 0)), seenAt: Date.now() }, record)
    },
  }
}

/**
 * Notes that a store is in use, where it is no ring's yet: when it becomes one of several, it is known for the one that was there before.
 * Does not reject.
 */
export async function noteUse(store: SessionStore): Promise<void> {
  const unbounded = nodePresence(
    { get: (key) => store.get(key), put: (key, record, expected) => store.put(key, record, { expected }) },
    0,
    0,
  )
  await unbounded.noteUse().catch(() => {})
}
