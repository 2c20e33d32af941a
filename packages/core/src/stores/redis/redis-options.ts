import { kindOf, optionError, type SessionError } from '../../errors.ts'
import type { RedisClient } from './redis-client.ts'

/** Where Redis is, or a client for it. */
export interface RedisStoreOptions {
  /** `redis://[[user]:password@]host[:port][/database]`, or `rediss://` for TLS. Default `redis://localhost:6379`. */
  url?: string | undefined
  /** Instead of one in `url`. */
  password?: string | undefined
  /** What every key begins with. Default `holdfast:`. */
  prefix?: string | undefined
  /** A client of ioredis, instead of `url` and `password`. It stays yours: its options hold, and the store never closes it. */
  client?: RedisClient | undefined
}

/** Where an own client connects to, as ioredis takes it. */
export interface RedisAddress {
  readonly host: string
  readonly port: number
  readonly db: number
  readonly username?: string
  readonly password?: string
  readonly tls?: object
}

export interface CheckedOptions {
  readonly prefix: string
  readonly client: RedisClient | undefined
  readonly address: RedisAddress
}

const defaultUrl = 'redis://localhost:6379'
const defaultPort = 6379
const defaultPrefix = 'holdfast:'
const urlForm = "'redis://[[user]:password@]host[:port][/database]', or rediss:// for TLS"

/** Throws `ERR_OPTION`. What may hold a password is never in the message. */
export function checkOptions(options: RedisStoreOptions): CheckedOptions {
  if (typeof options !== 'object' || options === null)
    throw optionError('redisStore(options)', kindOf(options), "an object: redisStore({ url: 'redis://localhost:6379' })")
  const { url, password, prefix = defaultPrefix, client } = options
  if (typeof prefix !== 'string') throw wrong('prefix', kindOf(prefix), 'a string')
  if (password !== undefined && typeof password !== 'string') throw wrong('password', kindOf(password), 'a string')
  if (client !== undefined) {
    if (url !== undefined || password !== undefined)
      throw wrong('client', `a client beside ${url === undefined ? 'password' : 'url'}`, 'the place of both')
    if (!isClient(client)) throw wrong('client', `${kindOf(client)} without the methods of one`, 'a Redis or Cluster of ioredis 5 or 6')
  }
  return { prefix, client, address: addressOf(url ?? defaultUrl, password) }
}

function addressOf(text: string, passwordOption: string | undefined): RedisAddress {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) throw wrong('url', typeof text === 'string' ? 'a text that is no URL' : kindOf(text), urlForm)
  if ((url.protocol !== 'redis:' && url.protocol !== 'rediss:') || url.hostname === '') {
    throw wrong('url', url.hostname === '' ? 'a URL without a host' : `a URL that begins with ${url.protocol}//`, urlForm)
  }
  const database = /^\/?(\d{0,4})$/.exec(url.pathname)?.[1]
  if (database === undefined) throw wrong('url', 'a path that is not the number of a database', urlForm)
  if (url.search !== '' || url.hash !== '') throw wrong('url', "one with '?' or '#' (in a password they are written %3F and %23)", urlForm)

  const username = decoded(url.username)
  const password = passwordOption ?? decoded(url.password)
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? defaultPort : Number(url.port),
    db: Number(database),
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw wrong('url', "a user or password with a '%' that encodes nothing (it is written %25)", urlForm)
  }
}

function isClient(client: unknown): boolean {
  const methods = ['connect', 'getBuffer', 'evalsha', 'del', 'time', 'on', 'off'] as const
  return (
    typeof client === 'object' &&
    client !== null &&
    methods.every((name) => typeof (client as Record<string, unknown>)[name] === 'function')
  )
}

function wrong(option: string, given: string, takes: string): SessionError {
  return optionError(`redisStore({ ${option} })`, given, takes)
}
