/** What a session holds under load: the numbers of the changes made to it, so that a lost, a doubled and a ghost change can be told apart. */
export interface Kept {
  changes: number[]
}

/** What a request found. `missing` and `ended` are told apart only where the library can. */
export interface Found {
  readonly outcome: 'live' | 'missing' | 'ended' | 'other'
  readonly changes: readonly number[]
}

/** What a failed request says about its change: that it was not made, or that nobody knows. */
export type Failure = 'not-made' | 'unknown'

/** One browser, whose requests may overlap. Each method is one request, and rejects where the application would answer an error. */
export interface Visitor {
  /** The key of its session on the servers, once it has one. */
  readonly key: string
  /** What its browser sends now; empty where the application runs elsewhere. */
  readonly cookies: string
  /** Its first request: a session is made, for a signed-in user or without one. */
  arrive(subject: string | undefined): Promise<void>
  read(): Promise<Found>
  /** Adds a number to the session. */
  change(number: number): Promise<void>
  signOut(): Promise<void>
  /** A copy of its cookies as they are now: presents them again, whatever happened since. */
  copy(): () => Promise<Found>
  /** What the authority holds, past every cache and replica. */
  check(): Promise<Found>
}

/** What stands for the application: the library under test on the servers under test. */
export interface Site {
  visitor(): Visitor
  /** A read of whoever has these cookies, of this application or of another one on the same servers. */
  present(cookies: string): Promise<Found>
  /** A word for what went wrong, to count by; never a key or a value. */
  nameOf(error: unknown): string
  /** What a change that was rejected with this error came to. */
  failureOf(error: unknown): Failure
  /** Whether the session could not even be read. */
  isReadFailure(error: unknown): boolean
  /** Milliseconds that one request may take. */
  readonly deadline: number
  /** Milliseconds after which whoever asked has gone, where nothing else ends a request; it then counts as failed. */
  readonly patience?: number | undefined
  /** Milliseconds within which a sign-out shows wherever its old cookies are tried. Default at once. */
  readonly signOutShowsWithin?: number | undefined
  close(): Promise<void>
}
