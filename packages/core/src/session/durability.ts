import { minutes } from '../duration.ts'
import { optionError, shown } from '../errors.ts'
import type { Durability } from '../record/store.ts'
import type { Engine } from './engine.ts'
import type { CommitRun } from './take-over.ts'

/** What a write of plain changes asks for. */
export function durabilityOfChange(engine: Engine<any>, run: CommitRun): Durability | undefined {
  return run.durability ?? engine.durability
}

/**
 * What a write asks for that says who somebody is, or that a session is over: on a replica too, where there is one. Lost in
 * a failover, it would sign a user out whom it let in, or bring back a session that was ended.
 */
export function durabilityOfIdentity(engine: Engine<any>, run: CommitRun): Durability {
  return run.durability ?? engine.durability ?? 'replicated'
}

const longestWait = minutes(1)

/** A durability as it was given, or `ERR_OPTION`. */
export function checkedDurability(name: string, given: unknown): Durability | undefined {
  if (given === undefined || given === 'primary' || given === 'replicated') return given
  if (typeof given !== 'object' || given === null)
    throw optionError(name, shown(given), "'primary', 'replicated' or { replicas: 1, withinTimeout: 500 }")
  const { replicas, withinTimeout } = given as { replicas?: unknown; withinTimeout?: unknown }
  if (!Number.isSafeInteger(replicas) || (replicas as number) < 1)
    throw optionError(`${name}.replicas`, shown(replicas), 'a whole number, at least 1')
  if (typeof withinTimeout !== 'number' || !(withinTimeout >= 1 && withinTimeout <= longestWait))
    throw optionError(`${name}.withinTimeout`, shown(withinTimeout), `milliseconds from 1 to ${longestWait}, such as 500`)
  return given as Durability
}
