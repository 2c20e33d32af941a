/** What a node says of a session. */
export interface Answer {
  readonly node: string
  readonly outcome: string
  readonly subject: string | undefined
  readonly count: number
}
