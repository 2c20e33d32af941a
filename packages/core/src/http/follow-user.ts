import type { SetHeaders } from '../session/apply-headers.ts'
import type { OpenSession } from '../session/open-session.ts'
import type { OpenedBy } from '../session/opened-sessions.ts'
import type { Session } from '../session/session.ts'
import type { Awaited } from './hold-back.ts'
import { keepOnly } from './keep-only.ts'

/** A request's session that follows its user: a sign-in moves it to another token, and it ends when its user leaves. */
export interface FollowedSession {
  /** The one to work on: after its user has left, the one that took its place. */
  readonly session: Session<any>
  /** Empties it. The next `save` or the answer's commit makes of it what it then holds: a sign-in, or a new visitor's. */
  renew(): Promise<void>
  /** Saves it. Where its user has left it is ended; what stays is saved with the answer, since more may follow. */
  save(): Promise<void>
  destroy(): Promise<void>
}

/** Where passport keeps the user in a session's data, and what the session's subject is to be. */
export interface UserPlace {
  readonly key: string
  subject(user: unknown): string | undefined
}

/**
 * Lets a request's session follow its user from now on, for everybody who loads it, and at the answer's commit also where the
 * user was changed without a `save`: passport before 0.6, or an account that is gone.
 */
export function followUser({ sessions, opened }: OpenedBy, loaded: Session<any>, place: UserPlace): FollowedSession {
  let session = loaded
  let user = userIn(session.data, place)
  let isRenewed = false
  let isOver = false
  let hasFailed = false
  // Those that their users left, and those that took their places.
  const left: Session<any>[] = []
  const successors: OpenSession<any>[] = []
  let isSecure = false

  /** Ends the session, and goes on with one that gets neither record nor cookie until something is stored in it. */
  async function leave(data?: object): Promise<void> {
    const successor = sessions.open(null, { secure: () => isSecure })
    const next = await successor.load()
    if (data !== undefined) next.data = data
    end(session)
    left.push(session)
    successors.push(successor)
    session = next
    user = undefined
  }

  async function catchUp(): Promise<void> {
    const now = userIn(session.data, place)
    if (isOver || (!isRenewed && isSame(now, user))) return
    const wasRenewed = isRenewed
    isRenewed = false
    if (now === undefined) dropIfEmpty(session.data, place.key)
    // A subject takes the place of none, and `regenerate` then says what became of the old token. Nothing else unbinds one.
    const isFreshSignIn = user === undefined && now?.subject !== undefined
    if (!isFreshSignIn && (user !== undefined || session.outcome === 'live')) await leave(session.data)
    else if (wasRenewed && now !== undefined) keepOnly(session)
    if (now !== undefined) session.regenerate({ subject: now.subject })
    user = now
  }

  // One after the other, also where an answer is sent while passport is still at it.
  let last: Promise<void> = Promise.resolve()
  function inTurn(step: () => Promise<void>): Promise<void> {
    const turn = last.then(step)
    last = turn.catch(() => {})
    return turn
  }
  const follow = (): Promise<void> => inTurn(catchUp)

  async function commit(first: () => Promise<SetHeaders>): Promise<SetHeaders> {
    // Where this fails nothing may be saved: the user would be in a session that anybody may have planted.
    await follow()
    isOver = true
    try {
      let headers = await first()
      if (hasFailed) return headers
      // As the line says that clears the ended session's cookie.
      isSecure = headers.some(([name, value]) => name === 'Set-Cookie' && value.includes('; Secure'))
      for (const successor of successors) headers = replaceCookies(headers, await successor.commit())
      return headers
    } catch (error) {
      hasFailed = true
      throw error
    }
  }

  const { load, commit: commitFirst, settle } = opened as OpenSession<any> & Partial<Awaited>
  Object.assign(opened, {
    load: (...options: Parameters<typeof load>) => (left.length === 0 ? load.apply(opened, options) : Promise.resolve(session)),
    commit: () => commit(() => commitFirst.call(opened)),
    // What the gate of `node:http` calls.
    ...(settle && { settle: () => commit(() => settle.call(opened)) }),
  })

  return {
    get session() {
      return session
    },

    renew: () =>
      inTurn(async () => {
        const blank = await sessions.open(null).load()
        if (user !== undefined || session.subject !== undefined) await leave(blank.data)
        else session.data = blank.data
        isRenewed = true
      }),

    async save() {
      const before = user
      await follow()
      const signsIn = user !== undefined && user !== before
      const signsOut = user === undefined && before !== undefined
      try {
        for (const each of left) await each.save()
        if (!signsOut) await session.save()
      } catch (error) {
        // Who is told that a sign-in failed must not be signed in by the answer's commit.
        if (signsIn) {
          session.discard()
          user = undefined
        }
        throw error
      }
    },

    async destroy() {
      isOver = true
      end(session)
      for (const each of [...left, session]) await each.save()
    },
  }
}

interface User {
  readonly subject: string | undefined
}

function userIn(data: Record<string, { user?: unknown } | undefined>, { key, subject }: UserPlace): User | undefined {
  const user = data[key]?.user
  // As passport itself tells.
  return user || user === 0 ? { subject: subject(user) } : undefined
}

function isSame(one: User | undefined, other: User | undefined): boolean {
  return one?.subject === other?.subject && (one === undefined) === (other === undefined)
}

/** Not with what was changed in it: an explicit `save` would refuse to lose that. */
function end(session: Session<any>): void {
  session.discard()
  session.destroy()
}

/** Passport leaves an empty object behind, for which alone a visitor should get no record. */
function dropIfEmpty(data: Record<string, unknown>, key: string): void {
  const kept = data[key]
  if (typeof kept === 'object' && kept !== null && Object.keys(kept).length === 0) delete data[key]
}

/** An answer sets each cookie once (RFC 6265, 4.1.1). */
function replaceCookies(headers: SetHeaders, by: SetHeaders): SetHeaders {
  const replaced = new Set(by.map(cookieName))
  return [...headers.filter((header) => header[0] !== 'Set-Cookie' || !replaced.has(cookieName(header))), ...by]
}

function cookieName([name, value]: SetHeaders[number]): string | undefined {
  return name === 'Set-Cookie' ? value.slice(0, value.indexOf('=')) : undefined
}
