import { setTimeout as sleep } from 'node:timers/promises'
import type { Server } from 'node:http'
import { seconds, type SessionManager } from '@holdfast/core'

/** How far a node is with leaving. */
export interface Leaving {
  /** The health check fails: the balancer is to send nobody here any more. */
  isTold: boolean
}

/** What ends when a node leaves. */
export interface Node {
  readonly server: Server
  readonly sessions: Pick<SessionManager, 'close'>
  /** Of `backedUp`; other stores have nothing to copy. */
  readonly drain: (() => Promise<void>) | undefined
  /** Milliseconds that the balancer takes to notice a health check that fails. */
  readonly noticed: number
}

// #region leave
/** On the signal: copies, tells the balancer, takes no more connections, lets the answers under way end, and closes the store. */
export function leaveOn(signal: NodeJS.Signals, leaving: Leaving, { server, sessions, drain, noticed }: Node): void {
  async function leave(): Promise<void> {
    await drain?.()
    leaving.isTold = true
    await sleep(noticed)
    await new Promise((closed) => server.close(closed))
    await sessions.close({ within: seconds(5) })
  }
  const failed = (error: Error): never => {
    console.error(error.message)
    process.exit(1)
  }
  process.once(signal, () => void leave().then(() => process.exit(0), failed))
}
// #endregion leave
