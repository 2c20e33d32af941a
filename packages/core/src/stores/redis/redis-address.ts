import type { ConnectionOptions } from 'node:tls'
import { kindOf, type SessionError } from '../../errors.ts'

/** Where a server is, as ioredis takes it. */
export interface RedisAddress {
  readonly host: string
  readonly port: number
  readonly db: number
  readonly tls?: ConnectionOptions
}

/** Who we are to a server. The password is asked for on every connect. */
export interface Credentials {
  readonly username: string | undefined
  password(): string | undefined | Promise<string>
}

/** What one URL says. */
export interface RedisUrl {
  readonly address: RedisAddress
  readonly username: string | undefined
  readonly password: string | undefined
}

const urlForm = "'redis://[[user]:password@]host[:port][/database]', or rediss:// for TLS"

/** Reads a URL; `wrong` makes the error for what is none. What may hold a password is never in it. */
export function parseRedisUrl(text: unknown, defaultPort: number, wrong: (given: string, takes: string) => SessionError): RedisUrl {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) throw wrong(typeof text === 'string' ? 'a text that is no URL' : kindOf(text), urlForm)
  if ((url.protocol !== 'redis:' && url.protocol !== 'rediss:') || url.hostname === '') {
    throw wrong(url.hostname === '' ? 'a URL without a host' : `a URL that begins with ${url.protocol}//`, urlForm)
  }
  const database = /^\/?(\d{0,4})$/.exec(url.pathname)?.[1]
  if (database === undefined) throw wrong('a path that is not the number of a database', urlForm)
  if (url.search !== '' || url.hash !== '') throw wrong("one with '?' or '#' (in a password they are written %3F and %23)", urlForm)

  const decoded = (part: string): string | undefined => {
    try {
      return part === '' ? undefined : decodeURIComponent(part)
    } catch {
      throw wrong("a user or password with a '%' that encodes nothing (it is written %25)", urlForm)
    }
  }
  return {
    address: {
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? defaultPort : Number(url.port),
      db: Number(database),
      ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
    },
    username: decoded(url.username),
    password: decoded(url.password),
  }
}

/** The server's name in messages, events and maps: `host:port`. */
export function nameOf({ host, port }: Pick<RedisAddress, 'host' | 'port'>): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
