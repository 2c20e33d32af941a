import type { ConnectionOptions } from 'node:tls'
import { minutes } from '../../duration.ts'
import { kindOf, optionError, shown, type SessionError } from '../../errors.ts'
import { checkedRingOptions, type CheckedRingOptions, type RingOptions } from '../../resilience/ring/ring-options.ts'
import { parseMemcachedAddress, type Credentials, type MemcachedAddress, type MemcachedPlace } from './memcached-address.ts'

/** A server of memcached. */
export type MemcachedNode = string | { readonly address: string; readonly weight?: number | undefined }

/** Where the servers are, who we are to them, and how sessions are kept on them. */
export interface MemcachedStoreOptions extends RingOptions {
  /**
   * The servers: `'host:port'`, `'memcached://[user:password@]host[:port]'`, or `memcacheds://` for TLS; port 11211 by default. With
   * `{ address, weight: 2 }` one has twice the share of the others. Every process has to name them alike, since by its `host:port` a
   * session finds its server; the order does not matter. Default `['localhost:11211']`.
   */
  readonly nodes?: readonly MemcachedNode[] | undefined
  /**
   * Instead of `nodes`: the configuration endpoint of an ElastiCache cluster (Auto Discovery), which is asked for its nodes every minute,
   * or so many milliseconds.
   */
  readonly discover?: string | { readonly endpoint: string; readonly every?: number | undefined } | undefined
  /** For SASL, instead of one in the address. */
  readonly username?: string | undefined
  /** For SASL, instead of one in the address. A function is asked on every connect; what it throws counts as a failed connect. */
  readonly password?: string | (() => string | Promise<string>) | undefined
  /** TLS to the servers, as `tls.connect` of Node takes it; `true` for its defaults, which `memcacheds://` also means. */
  readonly tls?: boolean | ConnectionOptions | undefined
  /** What every key begins with. Default `holdfast:`. */
  readonly prefix?: string | undefined
  /** The largest item that the servers take, in bytes, which their option `-I` says. Default 1 MiB, as theirs. */
  readonly maxItemBytes?: number | undefined
}

/** A server as it is connected to. */
export interface CheckedNode {
  readonly name: string
  readonly place: MemcachedPlace
  readonly weight: number
  readonly tls: ConnectionOptions | undefined
  readonly credentials: Credentials
}

export interface CheckedOptions {
  readonly nodes: readonly CheckedNode[]
  readonly discover: { readonly endpoint: CheckedNode; readonly every: number } | undefined
  readonly prefix: string
  readonly maxItemBytes: number
  readonly ring: CheckedRingOptions
  /** For those that are named later. */
  checkNodes(nodes: readonly MemcachedNode[], caller: string): CheckedNode[]
}

const defaultNodes = ['localhost:11211']
const mebibyte = 1024 * 1024
/** The longest key of memcached less the key of a session. */
const longestPrefix = 250 - 43

/** Throws `ERR_OPTION`. What may hold a password is never in the message. */
export function checkOptions(options: MemcachedStoreOptions): CheckedOptions {
  if (typeof options !== 'object' || options === null)
    throw optionError('memcachedStore(options)', kindOf(options), "an object: memcachedStore({ nodes: ['localhost:11211'] })")
  const { nodes, discover, prefix = 'holdfast:', maxItemBytes = mebibyte } = options
  const checked = checkedAccess(options)
  if (typeof prefix !== 'string') throw wrong('prefix', kindOf(prefix), 'a string')
  if (!/^[\x21-\x7e]*$/.test(prefix) || prefix.length > longestPrefix)
    throw wrong('prefix', shown(prefix), `at most ${longestPrefix} visible characters of ASCII`)
  // From 1 kB to 1 GB, as memcached takes it.
  if (!Number.isSafeInteger(maxItemBytes) || maxItemBytes < 1024 || maxItemBytes > 1024 * mebibyte)
    throw wrong('maxItemBytes', shown(maxItemBytes), 'bytes, from 1024 to 1 GiB, and no more than the servers have as their option -I')
  if (nodes !== undefined && discover !== undefined)
    throw wrong('discover', 'given beside nodes', 'the place of them: the endpoint tells them')
  const checkNodes = (given: readonly MemcachedNode[], caller: string): CheckedNode[] => checkedNodes(given, caller, checked)
  const found = discover === undefined ? undefined : checkedDiscovery(discover, checked)
  return {
    nodes: found === undefined ? checkNodes(nodes ?? defaultNodes, 'memcachedStore({ nodes })') : [],
    discover: found,
    prefix,
    maxItemBytes,
    // All processes have heard of a change by then.
    ring: checkedRingOptions(
      found === undefined ? options : { ...options, settleFor: options.settleFor ?? 2 * found.every },
      'memcachedStore',
    ),
    checkNodes,
  }
}

interface Access {
  readonly username: string | undefined
  readonly password: MemcachedStoreOptions['password']
  readonly tls: ConnectionOptions | undefined
}

function checkedAccess({ username, password, tls }: MemcachedStoreOptions): Access {
  if (username !== undefined && typeof username !== 'string') throw wrong('username', kindOf(username), 'a string')
  if (password !== undefined && typeof password !== 'string' && typeof password !== 'function')
    throw wrong('password', kindOf(password), 'a string, or a function that gives one on every connect')
  if (tls !== undefined && typeof tls !== 'boolean' && (typeof tls !== 'object' || tls === null))
    throw wrong('tls', kindOf(tls), 'true, or the options of tls.connect')
  return { username, password, tls: tls === true ? {} : tls === false ? undefined : tls }
}

function checkedNodes(nodes: readonly MemcachedNode[], caller: string, access: Access): CheckedNode[] {
  if (!Array.isArray(nodes) || nodes.length === 0)
    throw optionError(caller, Array.isArray(nodes) ? 'empty' : kindOf(nodes), "an array: ['10.0.0.1:11211', '10.0.0.2:11211']")
  const checked = nodes.map((node: MemcachedNode) => {
    const { address, weight = 1 } = typeof node === 'object' && node !== null ? node : { address: node }
    if (typeof weight !== 'number' || !(weight > 0 && weight < Infinity))
      throw optionError(caller, `one with the weight ${shown(weight)}`, 'weights above 0')
    return checkedNode(address, weight, caller, access)
  })
  if (new Set(checked.map(({ name }) => name)).size < checked.length)
    throw optionError(caller, 'a list with a server twice', 'each server once')
  return checked
}

function checkedNode(address: unknown, weight: number, caller: string, access: Access): CheckedNode {
  const parsed = parseMemcachedAddress(address, (given, takes) => optionError(caller, given, takes))
  const username = access.username ?? parsed.username
  const password = access.password ?? parsed.password
  if ((username === undefined) !== (password === undefined)) {
    const [given, missing] = username === undefined ? ['password', 'username'] : ['username', 'password']
    throw wrong(given, `given without ${missing}`, 'both of them, or none')
  }
  return { ...addressed(parsed, access), weight, credentials: { username, password: passwordFrom(password) } }
}

function addressed({ name, place, hasTls }: MemcachedAddress, { tls }: Access): Pick<CheckedNode, 'name' | 'place' | 'tls'> {
  return { name, place, tls: tls ?? (hasTls ? {} : undefined) }
}

function passwordFrom(password: MemcachedStoreOptions['password']): Credentials['password'] {
  if (typeof password !== 'function') return () => password ?? ''
  return async () => {
    const given: unknown = await password()
    if (typeof given !== 'string') throw wrong('password', `a function that gave ${kindOf(given)}`, 'one that gives a string')
    return given
  }
}

function checkedDiscovery(discover: NonNullable<MemcachedStoreOptions['discover']>, access: Access): CheckedOptions['discover'] {
  const { endpoint, every = minutes(1) } = typeof discover === 'object' && discover !== null ? discover : { endpoint: discover }
  if (typeof every !== 'number' || !(every >= 1_000 && every <= 3_600_000))
    throw wrong('discover', `one with every ${shown(every)}`, 'every as milliseconds, from a second to an hour')
  return { endpoint: checkedNode(endpoint, 1, 'memcachedStore({ discover })', access), every }
}

function wrong(option: string, given: string, takes: string): SessionError {
  return optionError(`memcachedStore({ ${option} })`, given, takes)
}
