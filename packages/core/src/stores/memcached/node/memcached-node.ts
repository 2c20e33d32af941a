import { isSessionError } from '../../../errors.ts'
import type { SessionStore } from '../../../record/store.ts'
import type { RingNodeStatus } from '../../../resilience/ring/ring-options.ts'
import type { CheckedNode } from '../memcached-options.ts'
import { openLink } from './link.ts'
import { nodeStore } from './node-store.ts'
import { bareQuestion, opcodes } from './questions.ts'
import { serverStats, type MemcachedServerStats } from './server-stats.ts'

/** What one server says of itself, or why it says nothing. */
export type MemcachedNodeStats = { readonly name: string } & (
  | ({ readonly problem: undefined } & MemcachedServerStats)
  | { readonly problem: string }
)

/** One server, as the store knows it. */
export interface MemcachedServer {
  readonly name: string
  readonly store: SessionStore
  /** What it is where there is no ring to tell. */
  status(): RingNodeStatus
  stats(): Promise<MemcachedNodeStats>
}

export interface MemcachedServerOptions {
  readonly prefix: string
  readonly maxItemBytes: number
  readonly hasOthers: () => boolean
  readonly closed: () => void
}

/** Nothing is longer than an item with its head and key but a mistake. */
const headRoom = 1_024

export function memcachedServer(node: CheckedNode, options: MemcachedServerOptions): MemcachedServer {
  const { prefix, maxItemBytes, hasOthers, closed } = options
  const { name, place, tls, credentials } = node
  const link = openLink({ place, name, tls, credentials, longestBody: maxItemBytes + headRoom, hasOthers })
  const store = nodeStore({ link, prefix, maxItemBytes })
  return {
    name,
    store: {
      ...store,
      async close() {
        closed()
        await store.close?.()
      },
    },
    status: () => ({ name, state: link.problem === undefined ? 'up' : 'down', reason: link.problem, handOff: 0 }),
    async stats() {
      try {
        return { name, problem: undefined, ...serverStats(await link.askMany(bareQuestion(opcodes.stat))) }
      } catch (error) {
        if (!isSessionError(error)) throw error
        return { name, problem: error.message }
      }
    },
  }
}
