import { systemClock, type Clock } from '../../clock.ts'
import { minutes, seconds } from '../../duration.ts'
import { kindOf, optionError, shown } from '../../errors.ts'
import type { SessionStore } from '../../record/store.ts'

/** What a near cache keeps, and for how long. */
export interface NearCacheOptions {
  /** The most sessions to keep. Default 10,000. */
  readonly maxEntries?: number | undefined
  /** The most memory to use, in bytes, as far as it can be told. Default 64 MiB. */
  readonly maxBytes?: number | undefined
  /**
   * How long a copy is answered with before the store is asked again, in milliseconds. It is also the bound of what a change or a sign-out
   * elsewhere can go unnoticed for, where the store does not tell (`onChange`) or what it told was lost. Default 10 s.
   */
  readonly maxAge?: number | undefined
  /** How old a copy may be that is served while the store cannot be asked (`onUnavailable: 'stale'`), in milliseconds. Default 5 min. */
  readonly maxStale?: number | undefined
  /** Milliseconds after which a read that the authority has not answered asks the store's copies as well, where it has some. Default 10. */
  readonly hedgeAfter?: number | undefined
  /** Default the system's. */
  readonly clock?: Clock | undefined
}

/** The options with their defaults. */
export type CheckedNearCacheOptions = { readonly [Name in keyof NearCacheOptions]-?: NonNullable<NearCacheOptions[Name]> }

/** Throws `ERR_OPTION`. */
export function checkedNearCacheOptions(store: SessionStore, options: NearCacheOptions): CheckedNearCacheOptions {
  if (typeof store?.get !== 'function') throw optionError('nearCache(store)', kindOf(store), 'a session store, such as redisStore()')
  if (typeof options !== 'object' || options === null)
    throw optionError('nearCache(store, options)', kindOf(options), 'an object: { maxAge: seconds(10) }')
  const { maxEntries = 10_000, maxBytes = 64 * 1024 * 1024, maxAge = seconds(10), maxStale = minutes(5), hedgeAfter = 10 } = options
  const { clock = systemClock } = options
  const wrong = (option: string, given: unknown, takes: string): Error => optionError(`nearCache({ ${option} })`, shown(given), takes)
  for (const [option, given] of Object.entries({ maxEntries, maxBytes }))
    if (!Number.isSafeInteger(given) || given < 1) throw wrong(option, given, 'a positive integer')
  for (const [option, given] of Object.entries({ maxAge, maxStale, hedgeAfter }))
    if (typeof given !== 'number' || !(given >= 1 && given < Infinity)) throw wrong(option, given, 'milliseconds, at least 1')
  if (typeof (clock as Clock | null)?.now !== 'function') throw wrong('clock', clock, 'a clock, such as fakeClock()')
  return { maxEntries, maxBytes, maxAge, maxStale, hedgeAfter, clock }
}
