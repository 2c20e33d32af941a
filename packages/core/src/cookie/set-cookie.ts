import { sessionError } from '../errors.ts'

export interface CookieOptions {
  /** Default `__Host-session`; `__Secure-session` with a domain or another path, `session` where not always Secure. */
  readonly name?: string | undefined
  /** Default true, whatever scheme the server sees: TLS ends at the load balancer, and browsers take Secure cookies on localhost. `'auto'`: as the adapter sees the request. */
  readonly secure?: boolean | 'auto' | undefined
  /** Default `'lax'`. */
  readonly sameSite?: 'lax' | 'strict' | 'none' | undefined
  /** Default `/`. */
  readonly path?: string | undefined
  /** Default none: this host only. */
  readonly domain?: string | undefined
  /** A separate jar for each site that embeds this one (CHIPS). Default false. */
  readonly partitioned?: boolean | undefined
}

/** Writes Set-Cookie lines of one name and one set of attributes. */
export interface SetCookie {
  readonly name: string
  /** `maxAge` in milliseconds; without it the cookie ends with the browser. */
  write(value: string, maxAge: number | undefined, secure: boolean): string
  clear(secure: boolean): string
}

// RFC 6265bis, 5.6 and 5.5: browsers drop cookies past these.
const maxNameAndValueBytes = 4096
const maxAttributeBytes = 1024
const maxLifetime = 400 * 24 * 60 * 60 * 1000

const sameSiteText = { lax: 'Lax', strict: 'Strict', none: 'None' } as const
const namePattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const valuePattern = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/
const attributePattern = /^[\x20-\x3a\x3c-\x7e]+$/
const domainPattern = /^\.?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/

/** Throws `ERR_OPTION` for a name or an attribute that a browser would refuse or read as something else. */
export function setCookie(options: CookieOptions = {}): SetCookie {
  const { secure = true, sameSite = 'lax', path = '/', domain, partitioned = false } = options
  check([true, false, 'auto'].includes(secure), 'secure', secure, "true, false or 'auto'")
  check(Object.hasOwn(sameSiteText, sameSite), 'sameSite', sameSite, "'lax', 'strict' or 'none'")
  check(
    path.startsWith('/') && attributePattern.test(path),
    'path',
    path,
    'a path that starts with / and holds neither ; nor control characters',
  )
  check(domain === undefined || domainPattern.test(domain), 'domain', domain, 'a host name such as example.com')
  const name = options.name ?? (secure !== true ? 'session' : domain === undefined && path === '/' ? '__Host-session' : '__Secure-session')
  check(namePattern.test(name), 'name', name, "letters, digits and !#$%&'*+-.^_`|~ (RFC 9110, token)")
  check(
    !/^__(?:host|secure)-/i.test(name) || secure === true,
    'secure',
    secure,
    `true for a name that starts with ${name.slice(0, name.indexOf('-') + 1)}`,
  )
  check(!/^__host-/i.test(name) || domain === undefined, 'domain', domain, 'nothing for a name that starts with __Host-')
  check(!/^__host-/i.test(name) || path === '/', 'path', path, '/ for a name that starts with __Host-')
  check(sameSite !== 'none' || secure === true, 'secure', secure, "true with sameSite: 'none'")
  check(!partitioned || secure === true, 'secure', secure, 'true with partitioned')
  const attributes = `; Path=${path}${domain === undefined ? '' : `; Domain=${domain}`}`
  check(attributes.length <= maxAttributeBytes, 'path', `${attributes.length} bytes`, `at most ${maxAttributeBytes} bytes of attributes`)
  const flags = `; HttpOnly; SameSite=${sameSiteText[sameSite]}${partitioned ? '; Partitioned' : ''}`
  const secureFlag = (requestIsSecure: boolean): string => (secure === true || (secure === 'auto' && requestIsSecure) ? '; Secure' : '')

  return {
    name,
    write(value, maxAge, requestIsSecure) {
      if (!valuePattern.test(value))
        throw sessionError('ERR_OPTION', `The value for cookie ${name} holds characters that no cookie may carry.`)
      if (name.length + value.length > maxNameAndValueBytes) {
        throw sessionError(
          'ERR_TOO_LARGE',
          `Cookie ${name} would take ${name.length + value.length} bytes; browsers drop those over ${maxNameAndValueBytes}.`,
        )
      }
      const lifetime = maxAge === undefined ? '' : `; Max-Age=${Math.floor(Math.min(Math.max(maxAge, 0), maxLifetime) / 1000)}`
      return `${name}=${value}${attributes}${lifetime}${flags}${secureFlag(requestIsSecure)}`
    },
    // Max-Age=0 and a date: what does not know the first reads the second.
    clear: (requestIsSecure) =>
      `${name}=${attributes}; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT${flags}${secureFlag(requestIsSecure)}`,
  }
}

function check(holds: boolean, option: string, given: unknown, takes: string): void {
  if (!holds) throw sessionError('ERR_OPTION', `cookie.${option} is ${JSON.stringify(given)}; it takes ${takes}.`)
}
