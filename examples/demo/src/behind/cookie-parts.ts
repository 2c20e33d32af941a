import { parse } from 'hono/utils/cookie'

/** What may be shown of the session's cookie: never the whole token, which is the secret. */
export interface CookieParts {
  readonly format: string
  /** The first four of its 43 characters. */
  readonly tokenStart: string
  /** As it stands there: Unix ms in base 36. */
  readonly deadlineText: string
  /** Unix ms. */
  readonly deadline: number
}

export const cookieName = '__Host-session'

/** Takes the cookie of the request apart: `1.<token>.<deadline, base 36>.<signature>`. Verifies nothing; the engine did. */
export function cookieParts(cookieHeader: string | undefined): CookieParts | undefined {
  const [format, token, deadline, signature] = parse(cookieHeader ?? '', cookieName)[cookieName]?.split('.') ?? []
  if (format === undefined || token === undefined || deadline === undefined || signature === undefined) return undefined
  return { format, tokenStart: token.slice(0, 4), deadlineText: deadline, deadline: Number.parseInt(deadline, 36) }
}
