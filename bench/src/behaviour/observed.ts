import type { Answer } from './visitor.ts'

/** What one library did. */
export interface Observed {
  /** Of 50 increments at once, how many the counter shows afterwards; one number a round. */
  readonly increments: readonly number[]
  /** Of 50 keys that were set at once, how many are there afterwards; one number a round. */
  readonly keys: readonly number[]
  /** Whether the cookie from before a sign-out still opens the session, with no other request under way. */
  readonly openAfterSignOut: boolean
  /** Whether it does, once a slow request has ended that began before the sign-out. */
  readonly revivedUnderOldCookie: boolean
  /** Whether the browser that made both requests is signed in again. */
  readonly revivedInBrowser: boolean
  /** Whether a session begins under an id that the client made up. */
  readonly adoptsMadeUpId: boolean
  /** Whether the cookie from before a sign-in opens the signed-in session: by the library's own way to sign in. */
  readonly plantedCookieOpens: boolean
  /** The same where the application only changes the data. */
  readonly plantedCookieOpensSameId: boolean
  /** Of 20 visitors who stored nothing, how many got a cookie. */
  readonly cookiesOfNobody: number
  /** What they left in the store. Undefined without a store, like the rest. */
  readonly recordsOfNobody: number | undefined
  /** A change that the store refuses, having no memory left. */
  readonly refusedChange: (Seen & { readonly isStored: boolean }) | undefined
  /** A read, and a change, while the store is connected and silent. */
  readonly silentRead: Seen | undefined
  readonly silentChange: Seen | undefined
  /** The read once more, with a limit set on the Redis client. */
  readonly silentReadWithLimit: Seen | undefined
}

/** What a client saw of an answer. */
export type Seen = Pick<Answer, 'status' | 'cut' | 'took'>

export const crowd = 50
export const rounds = 5
export const visitors = 20
/** Milliseconds that a client waits on a silent store. */
export const patience = 5_000
/** Milliseconds: a limit that an application may set on its Redis client. */
export const clientLimit = 1_000
