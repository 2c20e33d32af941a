import type { SessionManager } from '../../session/manager.ts'
import type { Session } from '../../session/session.ts'

/** A browser's cookie jar over a manager: answers change it in the order in which they come in. */
export interface Browser<Data extends object> {
  /** The Cookie header as it stands; empty: none. */
  readonly cookie: string
  /** Every session cookie that an answer has set. */
  readonly issued: readonly string[]
  /** One request with the cookie as it is at its start: load, work, commit, and take the cookies that come back. */
  request<R>(work: (session: Session<Data>) => R | Promise<R>): Promise<R>
  /** The session as a next request would find it, also with another cookie. */
  look(cookie?: string): Promise<Session<Data>>
}

export async function browser<Data extends object>(
  sessions: SessionManager<Data>,
  firstRequest: (session: Session<Data>) => void,
): Promise<Browser<Data>> {
  let cookie = ''
  const issued: string[] = []

  const one: Browser<Data> = {
    get cookie() {
      return cookie
    },
    issued,
    async request(work) {
      const opened = sessions.open(cookie)
      const result = await work(await opened.load())
      for (const [name, value] of await opened.commit()) {
        if (name !== 'Set-Cookie') continue
        cookie = /; Max-Age=0/.test(value) ? '' : (value.split(';', 1)[0] as string)
        if (cookie !== '') issued.push(cookie)
      }
      return result
    },
    look: async (of = cookie) => sessions.open(of).load(),
  }
  await one.request(firstRequest)
  return one
}
