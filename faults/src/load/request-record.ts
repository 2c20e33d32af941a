/** What one request asked for. */
export type Kind = 'read' | 'change' | 'sign-out' | 'replay'

/** One request of the load, and what became of it. Instants are milliseconds of `performance.now()`. */
export interface RequestRecord {
  readonly kind: Kind
  readonly user: number
  readonly startedAt: number
  /** When it was answered; undefined while it is not, and for ever if it never is. */
  settledAt: number | undefined
  /** When it counted as failed or done: at the latest when whoever asked had gone. */
  answeredAt: number | undefined
  /** What went wrong, by name. */
  failure: string | undefined
  /** It failed, or the change did, because the session could not be read. */
  readFailed: boolean
}
