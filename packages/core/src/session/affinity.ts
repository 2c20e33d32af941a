import { cookieValues } from '../cookie/cookie-header.ts'
import { setCookie, type CookieOptions } from '../cookie/set-cookie.ts'
import { days, seconds } from '../duration.ts'
import { optionError, shown } from '../errors.ts'

/** Which node answers here, and how its name is handed to browsers. */
export interface AffinityOptions {
  /**
   * This node's name, as the load balancer's configuration has it: 1 to 64 letters, digits, `_`, `.` or `-`. Everybody who has a session can
   * read it, so let it say nothing: `a`, not an address.
   */
  readonly node: string
  /**
   * The cookie's name: 1 to 64 letters, digits, `_`, `.` or `-`. Default `holdfast_node`, without a hyphen, which nginx could not read as a
   * variable.
   */
  readonly cookie?: string | undefined
  /**
   * How long a browser stays bound to a node, in milliseconds from when it was; whole seconds, from one second to 400 days. Default: as
   * long as the session's cookie lasts.
   */
  readonly maxAge?: number | undefined
}

/** What `affinity` makes: the manager's option. */
export interface Affinity {
  readonly node: string
  readonly cookie: string
  readonly maxAge: number | undefined
}

/**
 * For sticky sessions: gives each browser that has a session a second cookie, with this node's name, by which a load balancer sends it
 * here again. It is written when a session is stored, or found here by a browser that was bound to no node, or to another. It is a hint
 * to the balancer and nothing else: unsigned, and no session is opened or refused by it.
 *
 * @throws `ERR_OPTION`
 * @example
 * const sessions = createSessions({
 *   store: memoryStore(),
 *   secrets: [process.env.SESSION_SECRET],
 *   affinity: affinity({ node: process.env.NODE_NAME ?? 'a' }),
 * })
 */
export function affinity(options: AffinityOptions): Affinity {
  if (typeof options !== 'object' || options === null) throw optionError('affinity', shown(options), "an object: affinity({ node: 'a' })")
  const { node, cookie = 'holdfast_node', maxAge } = options
  checkWord('affinity.node', node)
  checkWord('affinity.cookie', cookie)
  if (maxAge !== undefined && !(typeof maxAge === 'number' && maxAge >= seconds(1) && maxAge <= longestMaxAge))
    throw optionError('affinity.maxAge', shown(maxAge), 'milliseconds from 1000 to 400 days, such as hours(8)')
  return { node, cookie, maxAge }
}

// RFC 6265bis, 5.5: browsers keep no cookie longer.
const longestMaxAge = days(400)
// What every balancer can write and compare without quotes.
const wordPattern = /^[A-Za-z0-9_.-]{1,64}$/

function checkWord(option: string, given: unknown): void {
  if (typeof given !== 'string' || !wordPattern.test(given)) throw optionError(option, shown(given), '1 to 64 letters, digits, _, . or -')
}

/** The cookie that a balancer reads. */
export interface RoutingCookie {
  /** Whether a browser with this Cookie header is bound to this node. */
  isPresented(header: string | null | undefined): boolean
  /**
   * Whether this answer writes it: the browser is not bound to this node, or, where it lasts as long as the session's cookie, that one is
   * written.
   */
  isDue(isPresented: boolean, writesToken: boolean): boolean
  /** `sessionMaxAge` as that of the session's cookie: milliseconds, undefined to end with the browser. */
  write(sessionMaxAge: number | undefined, secure: boolean): string
}

/**
 * With the attributes of the session's cookie, so that a browser sends both or neither.
 *
 * @param taken the names of the manager's other cookies
 */
export function routingCookie(given: Affinity, session: CookieOptions | undefined, taken: readonly string[]): RoutingCookie {
  const { node, cookie, maxAge } = affinity(given)
  if (taken.includes(cookie)) throw optionError('affinity.cookie', shown(cookie), `another name than ${taken.join(' and ')}`)
  const line = setCookie({ ...session, name: cookie })
  return {
    isPresented: (header) => cookieValues(header, cookie).includes(node),
    isDue: (isPresented, writesToken) => !isPresented || (maxAge === undefined && writesToken),
    write: (sessionMaxAge, secure) => line.write(node, maxAge ?? sessionMaxAge, secure),
  }
}
