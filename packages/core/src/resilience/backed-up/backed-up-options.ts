import { systemClock, type Clock } from '../../clock.ts'
import { seconds } from '../../duration.ts'
import { kindOf, optionError, shown } from '../../errors.ts'
import type { SessionStore } from '../../record/store.ts'

/** How a local store and its backup are kept together. */
export interface BackedUpOptions {
  /**
   * How long the local copy of a session is answered with before it is compared with the backup, in milliseconds. It is the bound of what a
   * sign-out or a change on another node can go unnoticed for here, where the backup does not tell of changes (`onChange`). Default 10 s.
   */
  readonly revalidate?: number | undefined
  /**
   * The longest that a plain change waits before it is copied to the backup, in milliseconds: what a node that dies takes with it, while
   * the backup answers. Default 1 s.
   */
  readonly every?: number | undefined
  /** The most sessions with changes that wait to be copied. While there are so many, changes wait for the backup. Default 10,000. */
  readonly maxPending?: number | undefined
  /** The same in bytes, as far as it can be told. Default 16 MiB. */
  readonly maxPendingBytes?: number | undefined
  /** Milliseconds that the backup may take for one call. Default 80: 40 % of the engine's `operationTimeout`. */
  readonly backupTimeout?: number | undefined
  /**
   * Of how many sessions to remember what the backup has: as many as the local store holds. Others are compared when they are next read.
   * Default 100,000, as `memoryStore` holds.
   */
  readonly maxEntries?: number | undefined
  /** Default the system's. */
  readonly clock?: Clock | undefined
}

/** The options with their defaults. */
export type CheckedBackedUpOptions = { readonly [Name in keyof BackedUpOptions]-?: NonNullable<BackedUpOptions[Name]> }

const longestWait = 60_000

/** Throws `ERR_OPTION`. */
export function checkedBackedUpOptions(local: SessionStore, backup: SessionStore, options: BackedUpOptions): CheckedBackedUpOptions {
  if (typeof local?.get !== 'function') throw optionError('backedUp(local)', kindOf(local), 'a session store, such as memoryStore()')
  if (typeof backup?.get !== 'function')
    throw optionError('backedUp(local, backup)', kindOf(backup), 'a session store, such as redisStore()')
  if (typeof options !== 'object' || options === null)
    throw optionError('backedUp(local, backup, options)', kindOf(options), 'an object: { every: seconds(1) }')
  const { revalidate = seconds(10), every = seconds(1), backupTimeout = 80, clock = systemClock } = options
  const { maxPending = 10_000, maxPendingBytes = 16 * 1024 * 1024, maxEntries = 100_000 } = options
  const wrong = (option: string, given: unknown, takes: string): Error => optionError(`backedUp({ ${option} })`, shown(given), takes)
  for (const [option, given] of Object.entries({ maxPending, maxPendingBytes, maxEntries }))
    if (!Number.isSafeInteger(given) || given < 1) throw wrong(option, given, 'a positive integer')
  for (const [option, given] of Object.entries({ every, backupTimeout }))
    if (typeof given !== 'number' || !(given >= 1 && given <= longestWait))
      throw wrong(option, given, `milliseconds, from 1 to ${longestWait}`)
  if (typeof revalidate !== 'number' || !(revalidate >= 0 && revalidate < Infinity)) throw wrong('revalidate', revalidate, 'milliseconds')
  if (typeof (clock as Clock | null)?.now !== 'function') throw wrong('clock', clock, 'a clock, such as fakeClock()')
  return { revalidate, every, maxPending, maxPendingBytes, backupTimeout, maxEntries, clock }
}
