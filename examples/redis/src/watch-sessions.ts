import { isSessionError, onSessionEvent, type SessionEvents } from '@holdfast/core'

// #region watch
/** What your metrics library has: a counter with labels, and a gauge. */
export interface Metrics {
  count(name: string, labels?: Readonly<Record<string, string>>, by?: number): void
  gauge(name: string, value: number): void
}

/** Counts what goes on. Answers how to stop. */
export function watchSessions({ count, gauge }: Metrics): () => void {
  const open = new Set<string>()

  function breakerChanged({ node, guards, state, reason }: SessionEvents['breaker']): void {
    if (state === 'closed') open.delete(`${node} ${guards}`)
    else open.add(`${node} ${guards}`)
    gauge('session_breakers_open', open.size)
    if (state !== 'open') return
    count('session_breaker_opened', { node, guards, reason: reason ?? 'none' })
  }

  const stops = [
    onSessionEvent('load', ({ outcome, error }) => count('session_loads', { outcome, error: codeOf(error) })),
    onSessionEvent('commit', ({ action, error }) => count('session_commits', { action, error: codeOf(error) })),
    onSessionEvent('conflict', () => count('session_conflicts')),
    onSessionEvent('missing', ({ at }) => count('session_missing', { at })),
    onSessionEvent('hedge', ({ node, because }) => count('session_hedges', { node, because })),
    onSessionEvent('failover', ({ to }) => count('session_failovers', { to })),
    onSessionEvent('breaker', breakerChanged),
    onSessionEvent('not-replicated', ({ node }) => count('session_not_replicated', { node })),
    onSessionEvent('lost-change', ({ changes }) => count('session_changes_lost', {}, changes)),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

function codeOf(error: Error | undefined): string {
  if (error === undefined) return 'none'
  return isSessionError(error) ? error.code : 'other'
}
// #endregion watch
