import type { ConnectionOptions } from 'node:tls'
import { kindOf, optionError, shown, type SessionError } from '../../errors.ts'
import type { RedisClient } from './node/redis-client.ts'
import { nameOf, parseRedisUrl, type Credentials, type RedisAddress } from './redis-address.ts'

/**
 * Where Redis is, and how it is read. One of `url`, `url` with `replicas`, `sentinels` with `name`, `cluster`, or `client`.
 * What fails over does so by itself (Sentinel, Cluster, ElastiCache); the store follows.
 */
export interface RedisStoreOptions {
  /** `redis://[[user]:password@]host[:port][/database]`, or `rediss://` for TLS. Default `redis://localhost:6379`. */
  readonly url?: string | undefined
  /**
   * URLs of the replicas of the server in `url`, or of one reader endpoint. When one of them becomes the primary and `url` a
   * replica, the store notices by itself.
   */
  readonly replicas?: readonly string[] | undefined
  /** URLs of the Sentinels, `redis://[[user]:password@]host[:port]`, port 26379 by default: give all of them. */
  readonly sentinels?: readonly string[] | undefined
  /** What the Sentinels call the primary. Required with `sentinels`. */
  readonly name?: string | undefined
  /** URLs of nodes of a Redis Cluster, or its configuration endpoint: the others are found from there. */
  readonly cluster?: readonly string[] | undefined
  /** A client of ioredis, instead of all that says where and who. It stays yours: its options hold, and the store never closes it. */
  readonly client?: RedisClient | undefined
  /** Instead of one in the URL. */
  readonly username?: string | undefined
  /**
   * Instead of one in the URL. A function is asked on every connect: that is how short-lived tokens get in (ElastiCache IAM). What
   * it throws counts as a failed connect, and it is asked again.
   */
  readonly password?: string | (() => string | Promise<string>) | undefined
  /** The number of the database behind `sentinels`. Default 0. */
  readonly database?: number | undefined
  /** TLS to the servers, as `tls.connect` of Node takes it; `true` for its defaults, which `rediss://` also means. */
  readonly tls?: boolean | ConnectionOptions | undefined
  /** Where servers that Sentinels or a Cluster name are reached from here: `{ '10.0.0.5:6379': 'redis.example:16379' }`. */
  readonly nat?: Readonly<Record<string, string>> | undefined
  /** What every key begins with. Default `holdfast:`. */
  readonly prefix?: string | undefined
  /**
   * Whether each change is announced, and the store can tell of those of others: on the channel `<prefix>changes`, as near caches need it.
   * Default true. With false, in all processes, a Cluster of many nodes without near caches is spared sending each change to every node.
   */
  readonly announce?: boolean | undefined
  /**
   * Whom a read asks first. `'primary'`: nobody else. `'hedged'`: the primary, and a replica when it does not answer soon or is
   * known to be down. `'replica'`: a replica, and the primary where its answer does not count. A replica's answer counts only if
   * it is as new as the request's freshness cookie says; its "no such session" never does. Default `'hedged'` where there are replicas.
   */
  readonly readFrom?: 'primary' | 'replica' | 'hedged' | undefined
  /** Milliseconds after which a read asks another server beside the first, for at most one read in 25. Default 10. */
  readonly hedgeAfter?: number | undefined
  /**
   * A replica that has not heard from its primary for so many milliseconds is not read while a primary answers. Replicas tell that in whole
   * seconds: with less than 2 s a good one may seldom be read. Default 2 s.
   */
  readonly maxReplicaAge?: number | undefined
}

/** Where the servers are found. */
export type RedisPlace =
  | { readonly kind: 'client'; readonly client: RedisClient }
  | { readonly kind: 'servers'; readonly primary: RedisAddress; readonly replicas: readonly RedisAddress[] }
  | { readonly kind: 'sentinel'; readonly name: string; readonly sentinels: readonly SentinelServer[]; readonly database: number }
  | { readonly kind: 'cluster'; readonly seeds: readonly RedisAddress[] }

export interface SentinelServer {
  readonly address: RedisAddress
  readonly credentials: Credentials
}

export interface CheckedOptions {
  readonly place: RedisPlace
  readonly credentials: Credentials
  readonly tls: ConnectionOptions | undefined
  /** From the name that a server goes by to where it is. */
  readonly nat: ReadonlyMap<string, Pick<RedisAddress, 'host' | 'port'>>
  readonly prefix: string
  readonly announce: boolean
  readonly readFrom: 'primary' | 'replica' | 'hedged'
  readonly hedgeAfter: number
  readonly maxReplicaAge: number
}

const defaultUrl = 'redis://localhost:6379'
const redisPort = 6379
const sentinelPort = 26_379

/** Throws `ERR_OPTION`. What may hold a password is never in the message. */
export function checkOptions(options: RedisStoreOptions): CheckedOptions {
  if (typeof options !== 'object' || options === null)
    throw optionError('redisStore(options)', kindOf(options), "an object: redisStore({ url: 'redis://localhost:6379' })")
  const { username, password, tls, nat, prefix = 'holdfast:', announce = true } = options
  const { readFrom = 'hedged', hedgeAfter = 10, maxReplicaAge = 2_000 } = options
  if (typeof prefix !== 'string') throw wrong('prefix', kindOf(prefix), 'a string')
  if (typeof announce !== 'boolean') throw wrong('announce', shown(announce), 'true or false')
  if (username !== undefined && typeof username !== 'string') throw wrong('username', kindOf(username), 'a string')
  if (password !== undefined && typeof password !== 'string' && typeof password !== 'function')
    throw wrong('password', kindOf(password), 'a string, or a function that gives one on every connect')
  if (tls !== undefined && typeof tls !== 'boolean' && (typeof tls !== 'object' || tls === null))
    throw wrong('tls', kindOf(tls), 'true, or the options of tls.connect')
  if (!['primary', 'replica', 'hedged'].includes(readFrom)) throw wrong('readFrom', shown(readFrom), "'primary', 'replica' or 'hedged'")
  milliseconds('hedgeAfter', hedgeAfter)
  milliseconds('maxReplicaAge', maxReplicaAge)

  const { place, username: urlUser, password: urlPassword } = placeFrom(options)
  const given = password ?? urlPassword
  return {
    place,
    credentials: {
      username: username ?? urlUser,
      password: typeof given === 'function' ? async () => asPassword(await given()) : () => given,
    },
    tls: tls === true ? {} : tls === false ? undefined : tls,
    nat: checkedNat(nat),
    prefix,
    announce,
    readFrom,
    hedgeAfter,
    maxReplicaAge,
  }
}

interface Found {
  readonly place: RedisPlace
  readonly username?: string | undefined
  readonly password?: string | undefined
}

function placeFrom(options: RedisStoreOptions): Found {
  const { url, replicas, sentinels, name, cluster, client, database } = options
  const places = { client, cluster, sentinels, url: url ?? replicas }
  const given = Object.entries(places).flatMap(([option, value]) => (value === undefined ? [] : [option]))
  if (given.length > 1)
    throw wrong(given[0] as string, `given beside ${given[1]}`, 'the place of it: one of url, sentinels, cluster and client')
  if (database !== undefined && (sentinels === undefined || !Number.isSafeInteger(database) || database < 0))
    throw wrong('database', sentinels === undefined ? 'given without sentinels' : shown(database), 'a whole number, with sentinels')
  if (options.nat !== undefined && sentinels === undefined && cluster === undefined)
    throw wrong('nat', 'given without sentinels or cluster', 'the servers that those name; those of url and replicas are yours to write')
  if (client !== undefined) return { place: { kind: 'client', client: checkedClient(options, client) } }
  if (sentinels !== undefined) {
    if (typeof name !== 'string' || name === '') throw wrong('name', shown(name), "what the Sentinels call the primary: 'mymaster'")
    const servers = urlsOf('sentinels', sentinels, sentinelPort).map(({ address, username, password }) => ({
      address,
      credentials: { username, password: () => password },
    }))
    return { place: { kind: 'sentinel', name, sentinels: servers, database: database ?? 0 } }
  }
  if (name !== undefined) throw wrong('name', 'given without sentinels', 'a name together with them')
  if (cluster !== undefined) {
    const seeds = urlsOf('cluster', cluster, redisPort)
    if (seeds.some(({ address }) => address.db !== 0))
      throw wrong('cluster', 'a URL with a database', 'URLs without one: a Cluster has only 0')
    const [first] = seeds
    return { place: { kind: 'cluster', seeds: seeds.map(({ address }) => address) }, username: first?.username, password: first?.password }
  }
  const { address, username, password } = urlOf('url', url ?? defaultUrl, redisPort)
  const copies = replicas === undefined ? [] : urlsOf('replicas', replicas, redisPort)
  const own = copies.find((each) => each.username !== undefined || each.password !== undefined)
  if (own !== undefined)
    throw wrong('replicas', 'a URL with a user or password', 'URLs without: what url, username and password say holds for all')
  const other = copies.find((each) => each.address.db !== 0 && each.address.db !== address.db)
  if (other !== undefined) throw wrong('replicas', 'a URL with another database than url', 'URLs without: that of url holds for all')
  const inDatabase = (place: RedisAddress): RedisAddress => ({ ...place, db: address.db })
  return { place: { kind: 'servers', primary: address, replicas: copies.map((each) => inDatabase(each.address)) }, username, password }
}

function checkedClient(options: RedisStoreOptions, client: RedisClient): RedisClient {
  for (const option of ['password', 'username', 'tls', 'nat', 'name', 'readFrom', 'hedgeAfter', 'maxReplicaAge'] as const)
    if (options[option] !== undefined) throw wrong('client', `a client beside ${option}`, 'the place of it: its own options hold')
  const methods = ['connect', 'getBuffer', 'evalsha', 'del', 'time', 'on', 'off'] as const
  if (typeof client !== 'object' || client === null || methods.some((method) => typeof client[method] !== 'function'))
    throw wrong('client', `${kindOf(client)} without the methods of one`, 'a Redis or Cluster of ioredis 5 or 6')
  return client
}

function checkedNat(nat: unknown): CheckedOptions['nat'] {
  if (nat === undefined) return new Map()
  const takes = "an object from 'host:port' to 'host:port'"
  if (typeof nat !== 'object' || nat === null) throw wrong('nat', kindOf(nat), takes)
  const places = Object.entries(nat).map(([name, place]) => {
    if (typeof place !== 'string' || !/:\d+$/.test(place) || !/:\d+$/.test(name)) throw wrong('nat', 'an entry without ports', takes)
    const { host, port } = urlOf('nat', `redis://${place}`, redisPort).address
    return [name, { host, port }] as const
  })
  return new Map(places)
}

function urlsOf(option: string, urls: unknown, defaultPort: number): ReturnType<typeof urlOf>[] {
  if (!Array.isArray(urls) || urls.length === 0) throw wrong(option, Array.isArray(urls) ? 'empty' : kindOf(urls), 'an array of URLs')
  const parsed = urls.map((url) => urlOf(option, url, defaultPort))
  const names = new Set(parsed.map(({ address }) => nameOf(address)))
  if (names.size < parsed.length) throw wrong(option, 'a list with a server twice', 'each server once')
  return parsed
}

function urlOf(option: string, url: unknown, defaultPort: number): ReturnType<typeof parseRedisUrl> {
  return parseRedisUrl(url, defaultPort, (given, takes) => wrong(option, given, takes))
}

function asPassword(password: unknown): string {
  if (typeof password !== 'string') throw wrong('password', `a function that gave ${kindOf(password)}`, 'one that gives a string')
  return password
}

function milliseconds(option: string, value: unknown): void {
  if (typeof value !== 'number' || !(value >= 1 && value <= 3_600_000)) throw wrong(option, shown(value), 'milliseconds, from 1 to an hour')
}

function wrong(option: string, given: string, takes: string): SessionError {
  return optionError(`redisStore({ ${option} })`, given, takes)
}
