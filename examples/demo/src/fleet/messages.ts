/** What the front door tells a server's process. */
export interface Order {
  /** Milliseconds for which to cut its store off. */
  readonly loseStore: number
}

/** What a server's process tells the front door. */
export type Report =
  | { readonly kind: 'listening'; readonly origin: string }
  | { readonly kind: 'store lost' }
  | { readonly kind: 'store silent' }
