/** What the check after the run says about one user. */
export interface Audit {
  /** Whether the authority could be asked. */
  readonly checked: boolean
  /** The session is gone, though nobody signed out. */
  readonly lost: boolean
  /** Changes that were acknowledged and are not there. */
  readonly lostChanges: number
  /** Changes that are there twice, or though they were answered as not made. */
  readonly unasked: number
  /** Reads that were older than what this browser had been answered before; without those of changes that are lost altogether. */
  readonly stale: number
  /** Answers that took an ended session for a live one. */
  readonly revived: number
  /** Answers that took somebody for signed out who was not. */
  readonly signedOut: number
  /** Answers that held what another user has changed. */
  readonly foreign: number
}
