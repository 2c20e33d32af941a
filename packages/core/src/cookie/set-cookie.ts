import { optionError, sessionError, shown } from '../errors.ts'

/** How the session's cookie is written. A combination that a browser would refuse is `ERR_OPTION` when the manager is made. */
export interface CookieOptions {
  /** Default `__Host-session`; `__Secure-session` with a domain or another path, `session` where not always Secure. */
  readonly name?: string | undefined
  /**
   * Default true, whatever scheme the server sees: TLS ends at the load balancer, and browsers take Secure cookies on
   * localhost, all but Safari. `'auto'`: as the adapter sees the request.
   */
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
  readonly secure: boolean | 'auto'
  /** `maxAge` in milliseconds; without it the cookie ends with the browser. */
  write(value: string, maxAge: number | undefined, secure: boolean): string
  clear(secure: boolean): string
}

// RFC 6265bis, 5.6 and 5.5: browsers drop cookies and attributes past these.
const maxNameAndValueBytes = 4096
const maxAttributeBytes = 1024
const maxLifetime = 400 * 24 * 60 * 60 * 1000

const sameSiteText = { lax: 'Lax', strict: 'Strict', none: 'None' } as const
// So that no value of ours, nor the freshness cookie's longer name, meets that limit when a request is answered.
const maxNameBytes = 256
const namePattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
// What browsers promise for names that start so (RFC 6265bis, 4.1.3) asks for Secure.
const prefixPattern = /^__(?:host|secure|http)-/i
const valuePattern = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/
const pathPattern = /^\/[\x21-\x3a\x3c-\x7e]*$/
const domainPattern = /^(?=.{1,253}$)\.?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/

/** Throws `ERR_OPTION` for a name or an attribute that a browser would refuse or read as something else. */
export function setCookie(options: CookieOptions = {}): SetCookie {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw optionError('cookie', shown(options), 'an object of options')
  const { secure = true, sameSite = 'lax', path = '/', domain, partitioned = false } = options
  check([true, false, 'auto'].includes(secure), 'secure', secure, "true, false or 'auto'")
  check(typeof sameSite === 'string' && Object.hasOwn(sameSiteText, sameSite), 'sameSite', sameSite, "'lax', 'strict' or 'none'")
  check(matches(pathPattern, path), 'path', path, 'a path that starts with / and holds no space, ; or control character')
  check(path.length <= maxAttributeBytes, 'path', path, `at most ${maxAttributeBytes} bytes`)
  check(domain === undefined || matches(domainPattern, domain), 'domain', domain, 'a host name such as example.com')
  check([true, false].includes(partitioned), 'partitioned', partitioned, 'true or false')
  const isHostOnly = domain === undefined && path === '/'
  const { name = secure !== true ? 'session' : isHostOnly ? '__Host-session' : '__Secure-session' } = options
  check(matches(namePattern, name), 'name', name, "letters, digits and !#$%&'*+-.^_`|~ (RFC 9110, token)")
  check(name.length <= maxNameBytes, 'name', name, `at most ${maxNameBytes} bytes`)
  const prefix = prefixPattern.exec(name)?.[0]
  check(prefix === undefined || secure === true, 'secure', secure, `true for a name that starts with ${prefix}`)
  check(!/^__host-/i.test(name) || domain === undefined, 'domain', domain, 'nothing for a name that starts with __Host-')
  check(!/^__host-/i.test(name) || path === '/', 'path', path, '/ for a name that starts with __Host-')
  check(sameSite !== 'none' || secure === true, 'secure', secure, "true with sameSite: 'none'")
  check(!partitioned || secure === true, 'secure', secure, 'true with partitioned')
  const attributes = `; Path=${path}${domain === undefined ? '' : `; Domain=${domain}`}`
  const flags = `; HttpOnly; SameSite=${sameSiteText[sameSite]}${partitioned ? '; Partitioned' : ''}`
  const secureFlag = (requestIsSecure: boolean): string => (secure === true || (secure === 'auto' && requestIsSecure) ? '; Secure' : '')

  return {
    name,
    secure,
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

function matches(pattern: RegExp, value: unknown): boolean {
  return typeof value === 'string' && pattern.test(value)
}

function check(holds: boolean, option: string, given: unknown, takes: string): void {
  if (!holds) throw optionError(`cookie.${option}`, shown(given), takes)
}
