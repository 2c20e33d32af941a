import { redisStore } from '@holdfast/core/redis'
import { ring, type RingStore } from '@holdfast/core/resilience'

// #region two-redis
/** Two Redis servers that know nothing of each other, each with all sessions: nobody has to be promoted when one dies. */
export function onTwoRedis(urls: readonly [string, string]): RingStore {
  const nodes = urls.map((url) => ({ name: new URL(url).host, store: redisStore({ url }) }))
  return ring(nodes, { copies: 2 })
}
// #endregion two-redis
