import type { ServerType } from '@hono/node-server'
import type { SessionManager } from '@holdfast/core'

/** What ends when a node leaves. */
export interface Node {
  readonly server: ServerType
  readonly sessions: Pick<SessionManager, 'close'>
  /** Read by the health check. */
  readonly leaving: { now: boolean }
  /** Milliseconds that the load balancer has to notice. */
  readonly after: number
}

// #region leave
/**
 * Leaves in order: fails the health check, so that the balancer sends nobody here any more; then takes no more connections, and lets the
 * answers under way end; then has what is here only copied, where there is a backup.
 */
export function leaveOn(signal: NodeJS.Signals, { server, sessions, leaving, after }: Node): void {
  process.once(signal, () => {
    leaving.now = true
    setTimeout(() => server.close(() => void sessions.close({ within: 5_000 }).then(ended, failed)), after)
  })
}

const ended = (): void => process.exit(0)
const failed = (error: Error): void => {
  console.error(error.message)
  process.exit(1)
}
// #endregion leave
