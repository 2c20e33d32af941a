import type { Answer } from './connection.ts'

/** What a server of memcached says of itself. */
export interface MemcachedServerStats {
  /** Of all programs that use it, with those that are past their deadline and have not been cleared away yet. */
  readonly items: number
  /** That its items take. */
  readonly bytes: number
  /** That they may take (`-m`). */
  readonly limitBytes: number
  /**
   * Items that were dropped before their deadline for want of room, since it was started: people were signed out. Give it more memory, or
   * more servers, when this grows.
   */
  readonly evictions: number
  /** Reads that found something, and those that found nothing, since it was started. */
  readonly hits: number
  readonly misses: number
  /** Milliseconds since it was started, in whole seconds: after a restart it has none of the sessions that it had. */
  readonly uptime: number
}

export function serverStats(answers: readonly Answer[]): MemcachedServerStats {
  const found = new Map(answers.map(({ key, value }) => [key.toString('latin1'), Number(value.toString('latin1'))]))
  const number = (name: string): number => found.get(name) ?? 0
  return {
    items: number('curr_items'),
    bytes: number('bytes'),
    limitBytes: number('limit_maxbytes'),
    evictions: number('evictions'),
    hits: number('get_hits'),
    misses: number('get_misses'),
    uptime: number('uptime') * 1_000,
  }
}
