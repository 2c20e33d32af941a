import { kindOf, type SessionError } from '../../errors.ts'

/** Where a server is, as `net.connect` takes it. */
export interface MemcachedPlace {
  readonly host: string
  readonly port: number
}

/** Who we are to a server; without a name it is not asked. The password is asked for on every connect. */
export interface Credentials {
  readonly username: string | undefined
  password(): string | Promise<string>
}

/** What one address says. */
export interface MemcachedAddress {
  /** `host:port`, as the ring knows it. */
  readonly name: string
  readonly place: MemcachedPlace
  readonly hasTls: boolean
  readonly username: string | undefined
  readonly password: string | undefined
}

const defaultPort = 11_211
const form = "'host:port', 'memcached://[user:password@]host[:port]', or memcacheds:// for TLS"

/** Reads an address; `wrong` makes the error for what is none. What may hold a password is never in it. */
export function parseMemcachedAddress(text: unknown, wrong: (given: string, takes: string) => SessionError): MemcachedAddress {
  if (typeof text !== 'string') throw wrong(kindOf(text), form)
  const whole = text.includes('://') ? text : `memcached://${text}`
  const url = URL.canParse(whole) ? new URL(whole) : undefined
  if (url === undefined || url.hostname === '') throw wrong('a text that is no address', form)
  if (url.protocol !== 'memcached:' && url.protocol !== 'memcacheds:') throw wrong(`a URL that begins with ${url.protocol}//`, form)
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '')
    throw wrong("one with '/', '?' or '#' behind the host (in a password they are written %2F, %3F and %23)", form)
  const decoded = (part: string): string | undefined => {
    try {
      return part === '' ? undefined : decodeURIComponent(part)
    } catch {
      throw wrong("a user or password with a '%' that encodes nothing (it is written %25)", form)
    }
  }
  // Other schemes than those of the web keep the case that was typed.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  const port = url.port === '' ? defaultPort : Number(url.port)
  return {
    name: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
    place: { host, port },
    hasTls: url.protocol === 'memcacheds:',
    username: decoded(url.username),
    password: decoded(url.password),
  }
}
