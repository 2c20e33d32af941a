import { randomInt } from 'node:crypto'
import { isSessionError, sessionError } from '../../errors.ts'
import { publish } from '../../events.ts'
import type { SessionStore, StoredRecord } from '../../record/store.ts'
import { withDeadline, type LazySignal, type Settling } from '../../waiting/deadline.ts'
import { handOff, type HandOff } from './hand-off.ts'
import { markerKey, markerRecord, newMarker, readMarker, type NodeMarker } from './node-marker.ts'
import type { CheckedRingNode, CheckedRingOptions } from './ring-options.ts'
import { storeNewer } from './store-newer.ts'

/** A node of a ring, and what the ring knows of it. */
export interface RingMember {
  readonly name: string
  weight: number
  readonly store: SessionStore
  /** `doubtful` has failed and is tried by the ring itself; `down` has answered nothing for `ejectAfter`. */
  readonly state: 'up' | 'doubtful' | 'down'
  readonly reason: string | undefined
  /** Unix ms: when it came to a ring that was there before; 0 for one that it began with. */
  arrivedAt: number
  /** Unix ms: since when it has missed nothing. */
  readonly presentSince: number
  /** Unix ms from which on, and until which, it decides which of two changes at once was first. */
  decidesFrom: number
  decidesUntil: number
  /** Whether it was away with its memory: it may have records that were replaced elsewhere since. */
  readonly mayBeBehind: boolean
  /** Unix ms: when it was taken out; it is still asked for what it has. */
  leftAt: number | undefined
  readonly handOff: HandOff
  /** A call that is bounded, and that tells about the node. `isChange`: a time-out leaves it open whether it was applied. */
  ask<T>(isChange: boolean, send: (store: SessionStore, options: LazySignal) => Promise<T>): Promise<T>
  /** Its marker, null where it has none, undefined where it does not answer. */
  marker(): Promise<NodeMarker | null | undefined>
  /** It is there with this marker (null: without one): as ever, or as one that has missed what came before. */
  settle(found: NodeMarker | null, as: 'present' | 'newcomer'): Promise<void>
  /** Notes that it is in use, where nobody else has for a minute. */
  noteUse(): Promise<void>
  close(): Promise<void>
}

export interface RingMemberOptions extends Pick<CheckedRingOptions, 'nodeTimeout' | 'ejectAfter' | 'settleFor'> {
  /** It has become up, or down. */
  readonly changed: (member: RingMember) => void
}

/** Milliseconds between two tries of a node: of one that has just failed, and at most. */
const firstRest = 50
const longestRest = 1_000
/** A node that fails again within so many milliseconds of its return rests for longer. */
const relapseWithin = 5_000
/** How long after its return the others decide in its place, in milliseconds: longer than it takes until all processes have seen it. */
const returnFor = 2 * longestRest
/** How often somebody notes on a node that it is in use, in milliseconds. */
const notedFor = 60_000
/** How many records are handed over at once. */
const handOffLanes = 8

export function ringMember({ name, weight, store }: CheckedRingNode, options: RingMemberOptions): RingMember {
  const { nodeTimeout, ejectAfter, settleFor, changed } = options
  let state: RingMember['state'] = 'up'
  let reason: string | undefined
  /** `performance.now()`, and the same as Unix ms, which markers speak. */
  let failingSince = 0
  let awaySince = 0
  let upSince = 0
  let rest = firstRest
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  let marker: NodeMarker | undefined
  const missed = handOff(() => publish('hand-off-full', () => ({ node: name })))

  const words = `The session store on ${name} did not answer within ${nodeTimeout} ms (nodeTimeout).`
  const reading = settling('ERR_UNAVAILABLE')
  const changing = settling('ERR_OUTCOME_UNKNOWN')

  function settling(code: 'ERR_UNAVAILABLE' | 'ERR_OUTCOME_UNKNOWN'): Settling<any> {
    return {
      answered: (value) => value,
      failed(error) {
        if (isSessionError(error)) {
          if (error.code === 'ERR_UNAVAILABLE' || error.code === 'ERR_OUTCOME_UNKNOWN') failed(error.message)
          return error
        }
        failed(`The session store on ${name} failed.`)
        // Another library's error may quote keys and payloads.
        return sessionError(code, `The session store on ${name} failed.`)
      },
      expired: () => sessionError(code, words),
    }
  }

  function become(next: RingMember['state'], memory?: 'kept' | 'lost'): void {
    if (state === next) return
    state = next
    publish('node', () => ({ node: name, state: next, reason, ...(memory === undefined ? {} : { memory }) }))
    if (next !== 'doubtful') changed(member)
  }

  function failed(why: string): void {
    if (state !== 'up' || isClosed) return
    reason = why
    const now = performance.now()
    failingSince = now
    awaySince = Date.now()
    rest = now < upSince + relapseWithin ? Math.min(rest * 2, longestRest) : firstRest
    become('doubtful')
    tryLater(0)
  }

  function tryLater(after: number): void {
    if (isClosed) return
    timer = setTimeout(() => void tryNow(), after + randomInt(Math.ceil(after / 4) + 1)).unref()
  }

  /** Asks for the marker; hands over what it has missed, and takes it back, when it answers. */
  async function tryNow(): Promise<void> {
    try {
      const record = await markerThere()
      const memory = await recognize(record)
      await handOver()
      if (isClosed) return
      reason = undefined
      upSince = performance.now()
      become('up', memory)
    } catch (error) {
      reason = (error as Error).message
      if (state === 'doubtful' && performance.now() - failingSince >= ejectAfter) become('down')
      // While it is doubtful it is tried again soon: how long that lasts is for ejectAfter to say.
      tryLater(state === 'doubtful' ? Math.min(rest, ejectAfter / 4) : (rest = Math.min(rest * 2, longestRest)))
    }
  }

  /** Whether it still has what it had. */
  async function recognize(record: StoredRecord | null): Promise<'kept' | 'lost'> {
    const wasAway = state === 'down' || missed.hasOverflowed
    const found = readMarker(record)
    const isSame = found !== undefined && (marker === undefined || found.id === marker.id)
    if (found === undefined) await mark(newMarker(Date.now()), record)
    else if (isSame && wasAway && found.backAt < awaySince) await mark({ ...found, backAt: Date.now() }, record)
    else adopt(found)
    if (wasAway) member.decidesFrom = Date.now() + returnFor
    return isSame ? 'kept' : 'lost'
  }

  /** Another process may do the same: what is there is the answer. */
  async function mark(next: NodeMarker, before: StoredRecord | null): Promise<void> {
    const record = markerRecord(next, before?.version ?? null)
    const expected = before?.version ?? null
    const result = await bounded(changing, (call, { signal }) => call.put(markerKey, record, { expected, signal })).catch(
      (error: unknown) => {
        // One that takes no changes now is no worse than one whose marker is gone.
        if (isSessionError(error) && error.code === 'ERR_REFUSED') return { stored: true } as const
        throw error
      },
    )
    adopt(result.stored ? next : (readMarker(result.current) ?? next))
  }

  function adopt(found: NodeMarker): void {
    marker = found
    if (found.bornAt > 0) member.decidesFrom = Math.max(member.decidesFrom, found.bornAt + settleFor)
  }

  const markerThere = (): Promise<StoredRecord | null> => bounded(reading, (call, { signal }) => call.get(markerKey, { signal }))

  async function handOver(): Promise<void> {
    const lane = async (): Promise<void> => {
      for (let next = missed.take(); next !== undefined; next = missed.take()) {
        const [key, record] = next
        try {
          if (record.expiresAt > Date.now()) await storeNewer(member, key, record, null)
        } catch (error) {
          missed.add(key, record)
          throw error
        }
      }
    }
    await Promise.all(Array.from({ length: handOffLanes }, lane))
  }

  function bounded<T>(settle: Settling<any>, send: (store: SessionStore, lazy: LazySignal) => Promise<T>): Promise<T> {
    return withDeadline<T>(nodeTimeout, (lazy) => send(store, lazy), settle as Settling<T>)
  }

  const member: RingMember = {
    name,
    weight,
    store,
    arrivedAt: 0,
    decidesFrom: 0,
    decidesUntil: Infinity,
    leftAt: undefined,
    handOff: missed,
    get state() {
      return state
    },
    get reason() {
      return reason
    },
    get presentSince() {
      return Math.max(member.arrivedAt, marker?.bornAt ?? 0, marker?.backAt ?? 0)
    },
    get mayBeBehind() {
      return (marker?.backAt ?? 0) > 0
    },
    ask: (isChange, send) => bounded(isChange ? changing : reading, send),
    marker: () =>
      markerThere().then(
        (record) => readMarker(record) ?? null,
        () => undefined,
      ),
    async settle(found, as) {
      const now = Date.now()
      if (as === 'newcomer') member.arrivedAt = now
      if (found === null) await mark(newMarker(as === 'newcomer' ? now : 0), null)
      else if (as === 'present' || Math.max(found.bornAt, found.backAt) >= now - settleFor) adopt(found)
      else await mark({ ...found, backAt: now }, await markerThere())
    },
    async noteUse() {
      if (state !== 'up' || marker === undefined) return
      const record = await markerThere()
      const found = readMarker(record)
      if (found === undefined) await mark({ ...marker, seenAt: Date.now() }, record)
      else if (found.seenAt < Date.now() - notedFor) await mark({ ...found, seenAt: Date.now() }, record)
    },
    async close() {
      isClosed = true
      clearTimeout(timer)
      missed.clear()
      await store.close?.()
    },
  }
  return member
}
