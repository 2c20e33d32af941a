import { cookieValues } from '../cookie/cookie-header.ts'
import type { FreshnessCookie } from '../cookie/freshness-cookie.ts'
import type { PresentedToken } from '../cookie/session-cookie.ts'
import { idOf } from '../cookie/token.ts'
import { publish } from '../events.ts'
import type { Engine } from './engine.ts'

/** What the browser presented: the token that verified, if one did. */
export interface Presented {
  readonly token: string | undefined
  readonly id: string | undefined
  readonly expiresAt: number
  /** Signed with an older secret. */
  readonly outdated: boolean
  /** There was a cookie of our name, good or not. */
  readonly sent: boolean
  /** The routing cookie names this node. */
  readonly bound: boolean
  readonly version: PresentedVersion
}

/** What the freshness cookie says. */
export interface PresentedVersion {
  /** Whether that is so or not. */
  readonly claimed: string | undefined
  /** Proven by its signature, which takes time: only where it matters. */
  proven(): string | undefined
}

/**
 * Verifies our cookies. Of several that verify the first counts whose deadline has not passed: browsers send the most
 * specific path first (RFC 6265bis, 5.8.3).
 */
export function presentedCookies(engine: Engine<any>, header: string | null | undefined): Presented {
  const { token, tokenLine, freshness, freshnessLine } = engine.cookie
  const bound = engine.routing?.isPresented(header) === true
  const values = cookieValues(header, tokenLine.name)
  const now = engine.clock.now()
  let first: PresentedToken | undefined
  let count = 0
  for (const value of values) {
    const read = token.read(value)
    if (read === null) continue
    count++
    if (first === undefined || (first.expiresAt <= now && read.expiresAt > now)) first = read
  }
  if (first === undefined)
    return { token: undefined, id: undefined, expiresAt: 0, outdated: false, sent: values.length > 0, bound, version: noVersion }
  const id = idOf(first.token)
  if (count > 1) publish('duplicate-cookie', () => ({ id, count }))
  const versions = engine.answersFromCopies ? cookieValues(header, freshnessLine.name) : []
  const version = versions.length === 0 ? noVersion : new Claim(freshness, versions, id)
  return { token: first.token, id, expiresAt: first.expiresAt, outdated: first.outdated, sent: true, bound, version }
}

const noVersion: PresentedVersion = { claimed: undefined, proven: () => undefined }

/** A class, since one is made for every request that asks for its session. */
class Claim implements PresentedVersion {
  readonly claimed: string | undefined
  readonly #freshness: FreshnessCookie
  readonly #values: readonly string[]
  readonly #id: string

  constructor(freshness: FreshnessCookie, values: readonly string[], id: string) {
    this.claimed = freshness.claimed(values)
    this.#freshness = freshness
    this.#values = values
    this.#id = id
  }

  proven(): string | undefined {
    return this.#freshness.read(this.#values, this.#id)
  }
}
