/** A client as applications make one, with the defaults of its library but for where the servers are. */
export interface PlainClient {
  get(key: string): Promise<string | null>
  /** For half an hour, unless told otherwise. */
  set(key: string, text: string, seconds?: number): Promise<void>
  delete(key: string): Promise<void>
  close(): void
}

/** What an idle session is kept for by default, in seconds. */
export const halfAnHour = 1_800
