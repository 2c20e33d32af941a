import { systemClock, type Clock } from '../clock.ts'
import type { CookieOptions } from '../cookie/set-cookie.ts'
import { days, hours, minutes, seconds } from '../duration.ts'
import { kindOf, optionError, shown } from '../errors.ts'
import type { Codec } from '../record/codec.ts'
import type { Durability, SessionStore } from '../record/store.ts'
import type { Affinity } from './affinity.ts'
import { checkedDurability } from './durability.ts'
import type { DataSchema } from './schema.ts'

/**
 * What a load does when the store does not answer: reject with 503; give an empty stand-in; or give what a copy of bounded age says, where
 * the store keeps some (`nearCache`) and has one of this session, else reject. A stand-in cannot be saved, and sets no cookie.
 */
export type OnUnavailable = 'fail' | 'anonymous' | 'stale'

/** Options that do not depend on the data's type. Durations in milliseconds. */
export interface ManagerOptions {
  /** Where sessions live: `memoryStore()`, `redisStore({ url })`, or one of your own. */
  readonly store: SessionStore
  /**
   * Newest first, 32 bytes or more each. The first signs, and must be set; the later ones still verify; those that are
   * undefined are left out.
   */
  readonly secrets: readonly (string | undefined)[]
  /** How long a session lives unused. Default 30 minutes. */
  readonly idleTimeout?: number | undefined
  /** How long it lives from the sign-in on, however much it is used. Default 12 hours. */
  readonly absoluteTimeout?: number | undefined
  /**
   * Renews on every request that asks for its session, so that the idle timeout is never longer than asked. Default false:
   * never shorter, at most a tenth longer.
   */
  readonly strict?: boolean | undefined
  /** When two requests changed the same top-level key: the later commit wins, or fails with `ERR_CONFLICT`. Default `'last-wins'`. */
  readonly onOverlap?: 'last-wins' | 'fail' | undefined
  /** Top-level keys on which an overlap always fails. Default none. */
  readonly guarded?: readonly string[] | undefined
  /** When the store does not answer: fail with 503, or go on with a stand-in that cannot be saved, empty or a copy. Default `'fail'`. */
  readonly onUnavailable?: OnUnavailable | undefined
  /** Default a `__Host-` cookie that ends with the browser: Secure, HttpOnly, SameSite=Lax. */
  readonly cookie?: CookieOptions | undefined
  /** For sticky sessions: a second cookie, by which a load balancer finds this node again. Default none. */
  readonly affinity?: Affinity | undefined
  /** The most that one store call may take, and never more than `requestTimeout`. Default 200 ms. */
  readonly operationTimeout?: number | undefined
  /** How long a commit tries again when the store does not answer; the call under way then is the last. Default 2 s. */
  readonly requestTimeout?: number | undefined
  /**
   * Where a change has to be before it counts, for all writes; a `save({ durability })` has its own. By default plain changes
   * are `'primary'`, and `'replicated'` what must not be lost in a failover: `regenerate`, `destroy`, and the first record of
   * somebody who signs in. Renewals never wait. The time that a number of replicas is given comes on top of `operationTimeout`.
   */
  readonly durability?: Durability | undefined
  /** The most bytes that one session's data may take. Default 1,000,000. */
  readonly maxBytes?: number | undefined
  /** Default the system's. */
  readonly clock?: Clock | undefined
}

/** What `createSessions` takes; `initial` and `codec` are required where the data's type asks for them. */
export type SessionOptions<Data extends object, Input = Data> = ManagerOptions &
  InitialData<Data, Input> &
  DataCodec<Data> & {
    /**
     * A Standard Schema (zod, valibot, arktype): the type of `data` comes from it. What is read and what is saved is checked
     * against it.
     */
    readonly schema?: DataSchema<Data, Input> | undefined
  }

/** Required as soon as `{}` is no valid session. */
// oxlint-disable-next-line typescript/no-empty-object-type -- asks whether an object without keys would do
export type InitialData<Data, Input = Data> = {} extends Input
  ? { readonly initial?: (() => NoInfer<Data>) | undefined }
  : { readonly initial: () => NoInfer<Data> }

/** Required as soon as JSON would not give the data back as it was. */
export type DataCodec<Data> = [Data] extends [Json<Data>] ? { readonly codec?: Codec | undefined } : { readonly codec: Codec }

type NotJson =
  | Date
  | Map<any, any>
  | Set<any>
  | RegExp
  | Error
  | Promise<any>
  | ArrayBuffer
  | ArrayBufferView
  | bigint
  | symbol
  | ((...args: any[]) => any)

/** The type itself where JSON gives it back as it was, and an explanation where not. */
export type Json<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends NotJson
    ? { error: 'JSON does not give this back as it was' }
    : T extends object
      ? { [Key in keyof T]: Json<T[Key]> }
      : T

const leastSecretBytes = 32

/** The secrets that are set, or `ERR_OPTION`. */
export function checkedSecrets(secrets: unknown): string[] {
  if (!Array.isArray(secrets)) throw optionError('secrets', kindOf(secrets), 'an array of strings, the newest first')
  if (secrets[0] === undefined)
    throw optionError('secrets[0]', 'undefined', 'a string of at least 32 bytes: is its environment variable set?')
  return secrets.flatMap((secret: unknown, index) => {
    if (secret === undefined) return []
    const name = `secrets[${index}]`
    if (typeof secret !== 'string') throw optionError(name, kindOf(secret), 'a string')
    const bytes = new TextEncoder().encode(secret).byteLength
    if (bytes < leastSecretBytes) throw optionError(name, `a string of ${bytes} bytes`, 'at least 32 bytes (openssl rand -base64 32)')
    return [secret]
  })
}

/** Every option set, but `durability`; those of the cookies and the secrets are checked where they are used. */
export type CheckedOptions = {
  readonly [Name in keyof Omit<ManagerOptions, 'cookie' | 'affinity' | 'secrets' | 'durability'>]-?: NonNullable<ManagerOptions[Name]>
} & { readonly durability: Durability | undefined }

/** The options with their defaults, or `ERR_OPTION` that names the wrong one, what was given, and what it takes. */
export function checkedOptions(options: ManagerOptions): CheckedOptions {
  if (typeof options !== 'object' || options === null)
    throw optionError('options', shown(options), 'an object: createSessions({ store, secrets })')
  const {
    store,
    idleTimeout = minutes(30),
    absoluteTimeout = hours(12),
    strict = false,
    onOverlap = 'last-wins',
    guarded = [],
    onUnavailable = 'fail',
    operationTimeout = 200,
    requestTimeout = 2_000,
    maxBytes = 1_000_000,
    clock = systemClock,
  } = options
  for (const method of ['get', 'put', 'touch', 'delete'] as const)
    methodOf('store', store, method, 'a session store, such as memoryStore()')
  duration('idleTimeout', idleTimeout, seconds(1))
  duration('absoluteTimeout', absoluteTimeout, seconds(1))
  if (idleTimeout > absoluteTimeout) throw optionError('idleTimeout', shown(idleTimeout), `at most absoluteTimeout (${absoluteTimeout})`)
  duration('operationTimeout', operationTimeout, 1)
  duration('requestTimeout', requestTimeout, 1)
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) throw optionError('maxBytes', shown(maxBytes), 'a whole number of bytes, at least 1')
  oneOf('strict', strict, [true, false])
  oneOf('onOverlap', onOverlap, ['last-wins', 'fail'])
  checkOnUnavailable('onUnavailable', onUnavailable, typeof store.getStale === 'function')
  if (!Array.isArray(guarded)) throw optionError('guarded', shown(guarded), 'an array of top-level keys')
  for (const [index, key] of guarded.entries())
    if (typeof key !== 'string') throw optionError(`guarded[${index}]`, shown(key), 'a top-level key')
  methodOf('clock', clock, 'now', 'a clock, such as fakeClock()')
  return {
    store,
    idleTimeout,
    absoluteTimeout,
    strict,
    onOverlap,
    guarded,
    onUnavailable,
    operationTimeout,
    requestTimeout,
    durability: checkedDurability('durability', options.durability),
    maxBytes,
    clock,
  }
}

/** `ERR_OPTION` for what is no policy, or one that needs copies of a store that keeps none. */
export function checkOnUnavailable(name: string, given: unknown, keepsCopies: boolean): void {
  oneOf(name, given, ['fail', 'anonymous', 'stale'])
  if (given === 'stale' && !keepsCopies)
    throw optionError(name, '"stale" with a store that keeps no copies', '"stale" with one that does, such as nearCache(store)')
}

/** The options that depend on the data's type: `ERR_OPTION` for what would only fail when a request comes. */
export function checkDataOptions({ initial, codec, schema }: { initial?: unknown; codec?: unknown; schema?: unknown }): void {
  if (initial !== undefined && typeof initial !== 'function') throw optionError('initial', shown(initial), 'a function that makes the data')
  if (codec !== undefined) for (const method of ['encode', 'decode']) methodOf('codec', codec, method, 'a codec: encode() and decode()')
  const standard = (schema as { '~standard'?: unknown } | null | undefined)?.['~standard']
  if (schema !== undefined) methodOf("schema['~standard']", standard, 'validate', 'a Standard Schema, such as one of zod 3.24 or later')
}

function duration(name: string, value: unknown, least: number): void {
  if (typeof value !== 'number' || !(value >= least && value <= days(3650)))
    throw optionError(name, shown(value), `milliseconds from ${least} to ten years, such as minutes(30)`)
}

function oneOf(name: string, value: unknown, allowed: readonly unknown[]): void {
  if (!allowed.includes(value)) throw optionError(name, shown(value), allowed.map(shown).join(' or '))
}

function methodOf(name: string, value: unknown, method: string, takes: string): void {
  if (typeof (value as Record<string, unknown> | null | undefined)?.[method] === 'function') return
  throw optionError(name, typeof value === 'object' && value !== null ? `something without ${method}()` : kindOf(value), takes)
}
