import type { Redis } from 'ioredis'
import type { StoreOptions } from '../../../record/store.ts'
import { waiters } from '../waiters.ts'
import type { Link } from './link.ts'

/**
 * Connections of their own for changes that wait until replicas have them. WAIT counts only what its own connection has written, and
 * blocks that connection: 50 callers on one are served at a third of the pace.
 */
export interface ConfirmingLinks {
  /**
   * Lets one call at a time have a connection that is ready.
   *
   * @throws what `call` rejects with; `ERR_UNAVAILABLE` when there is no connection before the signal aborts
   */
  use<T>(options: StoreOptions | undefined, call: (link: Link<Redis>) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** So many at most; they are made when they are needed, and kept. */
const mostLinks = 4

/** How long a call without a signal waits, in milliseconds. */
const waitAtMost = 2_000

export function confirmingLinks(open: (changed: () => void) => Link<Redis>): ConfirmingLinks {
  const all: Link<Redis>[] = []
  const busy = new Set<Link<Redis>>()
  const { wait, wake } = waiters()

  function freeLink(): Link<Redis> | undefined {
    const idle = all.filter((link) => !busy.has(link))
    if (idle.length === 0 && all.length < mostLinks) {
      const link = open(wake)
      all.push(link)
      link.start()
    }
    return idle.find((link) => link.isReady)
  }

  return {
    async use(options, call) {
      const until = performance.now() + waitAtMost
      let link = freeLink()
      while (link === undefined) {
        const problem = (): string => `${all[0]?.where} did not take a change in time (${all[0]?.problem ?? 'all connections are busy'}).`
        await wait(options, until, problem)
        link = freeLink()
      }
      busy.add(link)
      try {
        return await call(link)
      } finally {
        busy.delete(link)
        wake()
      }
    },
    async close() {
      await Promise.all(all.map((link) => link.close()))
    },
  }
}
