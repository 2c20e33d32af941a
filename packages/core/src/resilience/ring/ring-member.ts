import { randomInt } from 'node:crypto'
import { isSessionError, sessionError } from '../../errors.ts'
import { publish } from '../../events.ts'
import type { SessionStore } from '../../record/store.ts'
import { withDeadline, type LazySignal, type Settling } from '../../waiting/deadline.ts'
import { handOff, type HandOff } from './hand-off.ts'
import { nodePresence, type NodePresence } from './node-presence.ts'
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
  readonly presence: NodePresence
  /** Unix ms until which it decides which of two changes at once was first. */
  decidesUntil: number
  /** Unix ms: when it was taken out; it is still asked for what it has. */
  leftAt: number | undefined
  readonly handOff: HandOff
  /** A call that is bounded, and that tells about the node. `isChange`: a time-out leaves it open whether it was applied. */
  ask<T>(isChange: boolean, send: (store: SessionStore, options: LazySignal) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export interface RingMemberOptions extends Pick<CheckedRingOptions, 'nodeTimeout' | 'ejectAfter' | 'settleFor'> {
  /** Unix ms: when it came to a ring that was there before it; 0 for one that was listed from the beginning. */
  readonly arrivedAt: number
  /** It has become up, or down. */
  readonly changed: (member: RingMember) => void
}

/** Milliseconds between two tries of a node: of one that has just failed, and at most. */
const firstRest = 50
const longestRest = 1_000
/** A node that fails again within so many milliseconds of its return rests for longer. */
const relapseWithin = 5_000
/** How many records are handed over at once. */
const handOffLanes = 8

export function ringMember({ name, weight, store }: CheckedRingNode, options: RingMemberOptions): RingMember {
  const { nodeTimeout, ejectAfter, settleFor, arrivedAt, changed } = options
  let state: RingMember['state'] = 'up'
  let reason: string | undefined
  /** `performance.now()`, and the same as Unix ms, which markers speak. */
  let failingSince = 0
  let awaySince = 0
  let upSince = 0
  let rest = firstRest
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
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

  /** Asks for its marker; hands over what it has missed, and takes it back, when it answers. */
  async function tryNow(): Promise<void> {
    try {
      const wasAway = state === 'down' || missed.hasOverflowed
      const memory = await presence.recognize(wasAway ? awaySince : undefined)
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

  const ask: RingMember['ask'] = (isChange, send) => bounded(isChange ? changing : reading, send)
  const presence = nodePresence(ask, arrivedAt, settleFor)

  const member: RingMember = {
    presence,
    ask,
    name,
    weight,
    store,
    decidesUntil: Infinity,
    leftAt: undefined,
    handOff: missed,
    get state() {
      return state
    },
    get reason() {
      return reason
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
