import { getCookie } from 'hono/cookie'
import type { Context } from 'hono'

/** What may be shown of the session's cookie: never the whole token, which is the secret. */
export interface CookieParts {
  readonly name: string
  readonly format: string
  /** The first four of its 43 characters. */
  readonly tokenStart: string
  /** Unix ms. */
  readonly deadline: number
}

/** Takes the cookie of the request apart: `1.<token>.<deadline, base 36>.<signature>`. Verifies nothing; the engine did. */
export function cookieParts(c: Context): CookieParts | undefined {
  const [format, token, deadline, signature] = getCookie(c, 'session', 'host')?.split('.') ?? []
  if (format === undefined || token === undefined || deadline === undefined || signature === undefined) return undefined
  return { name: '__Host-session', format, tokenStart: token.slice(0, 4), deadline: Number.parseInt(deadline, 36) }
}
