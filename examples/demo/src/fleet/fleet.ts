import type { ServerName } from '../servers/server-name.ts'

/** The three servers behind the front door, however many processes they are. */
export interface Fleet {
  readonly servers: readonly FleetServer[]
  /** Where sessions live, in words. */
  readonly place: string
  /** Who runs where, in words. */
  readonly crew: string
  /** Cuts every server's store off for so many milliseconds; resolves when it is. */
  loseStore(duration: number): Promise<void>
  /** Lets the answers under way end first. */
  close(): Promise<void>
}

export interface FleetServer {
  readonly name: ServerName
  /** Undefined while it is gone. */
  readonly origin: string | undefined
}
