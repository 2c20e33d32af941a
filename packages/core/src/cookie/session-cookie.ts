import { keyRing } from './key-ring.ts'

/** What a session cookie of ours says, once its signature holds. */
export interface PresentedToken {
  readonly token: string
  /** Unix ms after which this token opens nothing, whatever a store says. */
  readonly expiresAt: number
  /** Signed with an older secret: to be signed again. */
  readonly outdated: boolean
}

/** The value of the cookie that carries the token. */
export interface SessionCookie {
  write(token: string, expiresAt: number): string
  /** Null for what we did not sign: changed, of another name, of another secret, of another format. */
  read(value: string): PresentedToken | null
}

// 1.<token, 43>.<deadline, base 36>.<signature, 43>
const pattern = /^1\.([A-Za-z0-9_-]{43})\.([0-9a-z]{1,11})$/
const longestValue = 128

export function sessionCookie(secrets: readonly string[], cookieName: string): SessionCookie {
  const keys = keyRing(secrets, `session ${cookieName}`)
  return {
    write(token, expiresAt) {
      const text = `1.${token}.${Math.trunc(expiresAt).toString(36)}`
      return `${text}.${keys.sign(text)}`
    },
    read(value) {
      const end = value.length > longestValue ? -1 : value.lastIndexOf('.')
      if (end < 0) return null
      const text = value.slice(0, end)
      const signedBy = keys.verify(text, value.slice(end + 1))
      const parts = signedBy < 0 ? null : pattern.exec(text)
      return parts && { token: parts[1] as string, expiresAt: Number.parseInt(parts[2] as string, 36), outdated: signedBy > 0 }
    },
  }
}
