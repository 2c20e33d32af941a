import { onSessionEvent } from '@holdfast/core'
import type { MemcachedStore } from '@holdfast/core/memcached'

// #region watch
/** What your metrics library has: a counter and a gauge, with labels. */
export interface Metrics {
  count(name: string, labels: Readonly<Record<string, string>>): void
  gauge(name: string, labels: Readonly<Record<string, string>>, value: number): void
}

/** Counts what the ring reports, and reads every `every` milliseconds what the servers say of themselves. Answers how to stop. */
export function watchNodes(store: MemcachedStore, { count, gauge }: Metrics, every: number): () => void {
  const stops = [
    onSessionEvent('node', ({ node, state, memory = 'unknown' }) => count('session_node', { node, state, memory })),
    onSessionEvent('repair', ({ node, found }) => count('session_repairs', { node, found: found === null ? 'nothing' : 'less' })),
    onSessionEvent('fork', () => count('session_forks', {})),
    onSessionEvent('hand-off-full', ({ node }) => count('session_hand_off_full', { node })),
    onSessionEvent('not-replicated', ({ node }) => count('session_not_replicated', { node })),
  ]

  async function look(): Promise<void> {
    for (const { name: node, state, handOff } of store.nodes()) {
      gauge('session_node_up', { node }, state === 'up' ? 1 : 0)
      gauge('session_hand_off', { node }, handOff)
    }
    for (const stats of await store.stats()) {
      if (stats.problem !== undefined) continue
      const node = stats.name
      gauge('memcached_evictions', { node }, stats.evictions)
      gauge('memcached_full', { node }, stats.bytes / stats.limitBytes)
    }
  }
  const timer = setInterval(() => void look(), every).unref()

  return () => {
    clearInterval(timer)
    for (const stop of stops) stop()
  }
}
// #endregion watch
