import { randomInt } from 'node:crypto'
import type { SessionError } from '../../errors.ts'
import { publish } from '../../events.ts'
import type { SessionStore, StoredRecord } from '../../record/store.ts'
import { boundedStore, type BoundedStore } from '../../waiting/bounded-store.ts'
import { handOff } from './hand-off.ts'
import { nodePresence, type NodePresence } from './node-presence.ts'
import type { CheckedRingNode, CheckedRingOptions } from './ring-options.ts'
import { storeNewer } from './store-newer.ts'

/** A node of a ring, and what the ring knows of it. */
export interface RingMember {
  readonly name: string
  weight: number
  /** What was given as its store. */
  readonly given: SessionStore
  /** The same, bounded: what fails tells about the node. */
  readonly store: BoundedStore
  /** `doubtful` has failed and is tried by the ring itself; `down` has answered nothing for `ejectAfter`. */
  readonly state: 'up' | 'doubtful' | 'down'
  readonly reason: string | undefined
  readonly presence: NodePresence
  /** How many records it has yet to be given. */
  readonly owed: number
  /** Whether this is one of them. */
  isOwed(key: string): boolean
  /** Unix ms: when it was taken out; it is still asked for what it has. */
  leftAt: number | undefined
  /** It has not got this record: it is given it as soon as it takes it, unless it has a newer one by then. */
  owe(key: string, record: StoredRecord): void
  /** It need not be given what it is owed of this key. */
  forget(key: string): void
  close(): Promise<void>
}

export interface RingMemberOptions extends Pick<CheckedRingOptions, 'nodeTimeout' | 'ejectAfter' | 'settleFor'> {
  /** Unix ms: when it came to a ring that was there before it; 0 for one that was listed from the beginning. */
  readonly arrivedAt: number
  readonly wentDown: (member: RingMember) => void
  /** It is not used any more. */
  readonly closed: () => void
  /** Finds out since when it is there, for the first time; it does not reject. */
  readonly introduce: (member: RingMember) => Promise<void>
}

/** Milliseconds between two tries of a node: of one that has just failed, and at most. */
const firstRest = 50
const longestRest = 1_000
/** A node that fails again within so many milliseconds of its return rests for longer. */
const relapseWithin = 5_000
/** How many records are handed over at once. */
const handOffLanes = 8

export function ringMember({ name, weight, store: given }: CheckedRingNode, options: RingMemberOptions): RingMember {
  const { nodeTimeout, ejectAfter, settleFor, arrivedAt, wentDown, closed, introduce } = options
  let state: RingMember['state'] = 'up'
  let reason: string | undefined
  /** `performance.now()`, and the same as Unix ms, which markers speak. */
  let failingSince = 0
  let awaySince = 0
  let upSince = 0
  let rest = firstRest
  let deliveryRest = firstRest
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  const missed = handOff(() => publish('hand-off-full', () => ({ node: name })))
  const store = boundedStore(given, {
    timeout: nodeTimeout,
    option: 'nodeTimeout',
    name: `The session store on ${name}`,
    answered() {},
    failed,
  })
  const presence = nodePresence(store, arrivedAt, settleFor)

  function become(next: RingMember['state'], memory?: 'kept' | 'lost'): void {
    if (state === next) return
    state = next
    publish('node', () => ({ node: name, state: next, reason, ...(memory === undefined ? {} : { memory }) }))
    if (next === 'down') wentDown(member)
  }

  function failed({ code, message }: SessionError): void {
    if (code !== 'ERR_UNAVAILABLE' && code !== 'ERR_OUTCOME_UNKNOWN') return
    if (state !== 'up' || isClosed) return
    reason = message
    failingSince = performance.now()
    awaySince = Date.now()
    // One that answers the ring and nobody else would go and come at full speed.
    const isRelapse = failingSince < upSince + relapseWithin
    rest = isRelapse ? Math.min(rest * 2, longestRest) : firstRest
    become('doubtful')
    later(isRelapse ? Math.min(rest, ejectAfter) : 0, tryNow)
  }

  /** One thing at a time: trying it while it is away, handing over what it is owed while it is up. */
  function later(after: number, what: () => Promise<void>): void {
    clearTimeout(timer)
    timer = undefined
    if (!isClosed) timer = setTimeout(() => void what(), after + randomInt(Math.ceil(after / 4) + 1)).unref()
  }

  /** Asks for its marker; hands over what it has missed, and takes it back, when it answers. */
  async function tryNow(): Promise<void> {
    timer = undefined
    try {
      const wasAway = state === 'down' || missed.hasOverflowed
      // One that could not be reached when the ring began, since connecting took long, say.
      if (presence.marker === undefined) await introduce(member)
      const memory = await presence.recognize(wasAway ? awaySince : undefined)
      await handOver()
      if (isClosed) return
      reason = undefined
      upSince = performance.now()
      become('up', memory)
      if (missed.size > 0) later((deliveryRest = firstRest), deliver)
    } catch (error) {
      reason = (error as Error).message
      if (state === 'doubtful' && performance.now() - failingSince >= ejectAfter) become('down')
      // While it is doubtful it is tried again soon: how long that lasts is for ejectAfter to say.
      later(state === 'doubtful' ? Math.min(rest, ejectAfter / 4) : (rest = Math.min(rest * 2, longestRest)), tryNow)
    }
  }

  /** Hands over while it is up. */
  async function deliver(): Promise<void> {
    timer = undefined
    const hasAll = await handOver().catch(() => false)
    if (hasAll || state !== 'up') return
    later((deliveryRest = Math.min(deliveryRest * 2, longestRest)), deliver)
  }

  /**
   * Answers whether it has taken all that it is owed, and not refused some for now. What it does not take for what it is, is dropped.
   *
   * @throws what its store does where it does not answer
   */
  async function handOver(): Promise<boolean> {
    let isRefused = false
    const lane = async (): Promise<void> => {
      for (let next = missed.take(); next !== undefined; next = missed.take()) {
        const [key, record] = next
        try {
          if (record.expiresAt > Date.now()) await storeNewer(member, key, record, null)
        } catch (error) {
          const { code } = error as SessionError
          isRefused ||= code === 'ERR_REFUSED'
          if (isRefused || code === 'ERR_UNAVAILABLE' || code === 'ERR_OUTCOME_UNKNOWN') missed.add(key, record)
          if (isRefused) return
          if (code === 'ERR_UNAVAILABLE' || code === 'ERR_OUTCOME_UNKNOWN') throw error
        }
      }
    }
    await Promise.all(Array.from({ length: handOffLanes }, lane))
    return !isRefused
  }

  const member: RingMember = {
    name,
    weight,
    given,
    store,
    presence,
    leftAt: undefined,
    get state() {
      return state
    },
    get reason() {
      return reason
    },
    get owed() {
      return missed.size
    },
    isOwed: (key) => missed.has(key),
    owe(key, record) {
      if (isClosed) return
      missed.add(key, record)
      if (state === 'up' && timer === undefined) later((deliveryRest = firstRest), deliver)
    },
    forget: (key) => missed.remove(key),
    async close() {
      isClosed = true
      clearTimeout(timer)
      missed.clear()
      closed()
      await given.close?.()
    },
  }
  return member
}
