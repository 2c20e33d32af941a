import { inspect } from 'node:util'
import { isSessionError } from '../../errors.ts'
import type { UnitOfWork } from '../../session/unit-of-work.ts'
import { keepOnly } from './keep-only.ts'

/** A request's session that follows its user: a sign-in moves it to another token, and it ends when its user leaves. */
export interface FollowedSession {
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

/** Lets a session follow its user from now on, at each commit: also one without passport, as where an account is gone. */
export function followUser(session: UnitOfWork<any>, place: UserPlace): FollowedSession {
  let user = userIn(session.data, place)
  let isRenewed = false
  let isOver = false

  session.beforeCommit(() => {
    const now = userIn(session.data, place)
    if (isOver || (!isRenewed && isSame(now, user))) return
    if (now === undefined) {
      dropIfEmpty(session.data, place.key)
      session.leave()
    } else {
      // A subject takes the place of another, or of none; nothing but an end unbinds one.
      if (now.subject === undefined && session.subject !== undefined) session.leave()
      else keepOnly(session)
      session.signIn(now.subject)
    }
    isRenewed = false
    user = now
  })

  return {
    async renew() {
      session.empty()
      isRenewed = true
      // What it stands in for cannot be ended now, and whoever signs out must know.
      if (session.outcome === 'unavailable') await session.save()
    },

    async save() {
      const before = user
      const saving = session.save()
      const after = user
      try {
        await saving
      } catch (error) {
        if (after === before) throw error
        // Signed out by another request: that holds, and nothing is stored any more.
        if (after === undefined && isSessionError(error) && error.code === 'ERR_ENDED') return
        // Who is told that a sign-in failed must not be signed in by the answer's commit.
        if (after !== undefined) {
          session.discard()
          user = userIn(session.data, place)
        }
        throw error
      }
    },

    async destroy() {
      session.discard()
      session.destroy()
      isOver = true
      await session.save()
    },
  }
}

interface User {
  readonly subject: string | undefined
  /** As it stands there now: what is changed in it makes it another. */
  readonly serialized: unknown
}

function userIn(data: Record<string, { user?: unknown } | undefined>, { key, subject }: UserPlace): User | undefined {
  const user = data[key]?.user
  // As passport itself tells.
  return user || user === 0 ? { subject: subject(user), serialized: typeof user === 'object' ? inspect(user, entirely) : user } : undefined
}

const entirely = { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity }

function isSame(one: User | undefined, other: User | undefined): boolean {
  return one?.subject === other?.subject && one?.serialized === other?.serialized
}

/** Passport leaves an empty object behind, for which alone a visitor should get no record. */
function dropIfEmpty(data: Record<string, unknown>, key: string): void {
  const kept = data[key]
  if (typeof kept === 'object' && kept !== null && Object.keys(kept).length === 0) delete data[key]
}
