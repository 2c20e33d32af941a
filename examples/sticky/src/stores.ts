import { seconds, type SessionStore } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { redisStore } from '@holdfast/core/redis'
import { backedUp, nearCache, type BackedUpStore } from '@holdfast/core/resilience'

/** Where a node keeps its sessions, by the names that `STORE` has. */
export const stores: Readonly<Record<string, (redisUrl: string) => SessionStore | BackedUpStore>> = { local, shared, near, backup }

// #region local
/** In this process, and nowhere else: the fastest there is, and gone with it. */
function local(): SessionStore {
  return memoryStore()
}
// #endregion local

// #region shared
/** On Redis, for all nodes. */
function shared(url: string): SessionStore {
  return redisStore({ url })
}
// #endregion shared

// #region near
/** On Redis, with copies here of those that were used last. */
function near(url: string): SessionStore {
  return nearCache(redisStore({ url }), { maxEntries: 10_000, maxAge: seconds(10) })
}
// #endregion near

// #region backup
/** In this process; on Redis too, at most `every` later. */
function backup(url: string): SessionStore {
  return backedUp(memoryStore(), redisStore({ url }), { revalidate: seconds(10), every: 500 })
}
// #endregion backup
