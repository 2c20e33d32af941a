import type { SetHeaders } from '../session/apply-headers.ts'
import type { SessionManager } from '../session/manager.ts'
import type { LoadOptions } from '../session/open-session.ts'
import type { Session } from '../session/session.ts'

/** What one request came to. */
export interface Visit<Answer> {
  readonly answer: Answer
  readonly headers: SetHeaders
  /** The values of its Set-Cookie headers. */
  readonly setCookies: readonly string[]
}

export interface Browser<Data extends object> {
  /** Cookies by name. */
  readonly jar: Map<string, string>
  /** The Cookie header of the next request. */
  readonly cookie: string
  /** One request: loads the session, hands it to the handler, commits, and takes the cookies that come back. */
  visit<Answer>(handler: (session: Session<Data>) => Answer, options?: LoadOptions): Promise<Visit<Awaited<Answer>>>
}

/**
 * A browser that needs no server: a jar, and requests that a manager answers.
 *
 * @example
 * const ada = browser(sessions)
 * await ada.visit((session) => session.regenerate({ subject: 'ada' }))
 * expect((await ada.visit((session) => session.subject)).answer).toBe('ada')
 */
export function browser<Data extends object>(
  sessions: SessionManager<Data>,
  cookies: Iterable<readonly [string, string]> = [],
): Browser<Data> {
  const jar = new Map(cookies)
  const take = (line: string): void => {
    const [pair = '', ...attributes] = line.split('; ')
    const name = pair.slice(0, pair.indexOf('='))
    if (attributes.includes('Max-Age=0')) jar.delete(name)
    else jar.set(name, pair.slice(name.length + 1))
  }
  return {
    jar,
    get cookie() {
      return Array.from(jar, ([name, value]) => `${name}=${value}`).join('; ')
    },
    async visit(handler, options) {
      const opened = sessions.open(this.cookie)
      const answer = await handler(await opened.load(options))
      const headers = await opened.commit()
      opened.end()
      const setCookies = headers.flatMap(([name, value]) => (name === 'Set-Cookie' ? [value] : []))
      setCookies.forEach(take)
      return { answer, headers, setCookies }
    },
  }
}
