import type { SessionStore } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { backedUp, nearCache } from '@holdfast/core/resilience'
import { redisStore } from '@holdfast/core/redis'
import { countedStore, type CountedStore } from './counted-store.ts'

/** One way to keep sessions. */
export interface Arrangement {
  readonly name: string
  /** The store of one node; `shared` is where all nodes meet, and what is asked of it is counted. */
  readonly store: (shared: CountedStore) => SessionStore
  /** What the store takes from there. */
  readonly makesShared: (redisUrl: string) => SessionStore
  /** The milliseconds within which a sign-out on one node is promised to show on the others; undefined: other nodes have no sessions of it. */
  readonly signOutWithin: number | undefined
}

/** Short, so that each is waited for several times in a run; the defaults are 10 s. */
const shortAge = 1_000

/** News takes as long as an answer; so much more on a machine that does other things as well. */
const promptly = 100

const withNews = (redisUrl: string): SessionStore => redisStore({ url: redisUrl })

/** As a store that cannot tell of changes: Memcached, or a Redis whose user may not subscribe. */
function withoutNews(redisUrl: string): SessionStore {
  const { onChange: _, ...store } = redisStore({ url: redisUrl })
  return store
}

export const arrangements: readonly Arrangement[] = [
  { name: 'local', store: () => memoryStore(), makesShared: withNews, signOutWithin: undefined },
  { name: 'shared', store: (shared) => shared, makesShared: withNews, signOutWithin: 0 },
  { name: 'near cache', store: (shared) => nearCache(shared), makesShared: withNews, signOutWithin: promptly },
  {
    name: 'near cache, no news',
    store: (shared) => nearCache(shared, { maxAge: shortAge }),
    makesShared: withoutNews,
    signOutWithin: shortAge,
  },
  { name: 'backed up', store: (shared) => backedUp(memoryStore(), shared), makesShared: withNews, signOutWithin: promptly },
  {
    name: 'backed up, no news',
    store: (shared) => backedUp(memoryStore(), shared, { revalidate: shortAge }),
    makesShared: withoutNews,
    signOutWithin: shortAge,
  },
]

/** One node of it: a store of its own on the shared Redis. */
export function nodeOf(
  { store, makesShared }: Arrangement,
  redisUrl: string,
): { readonly store: SessionStore; readonly shared: CountedStore } {
  const shared = countedStore(makesShared(redisUrl))
  return { store: store(shared), shared }
}
