import { createSessions, minutes, type SessionManager } from '@holdfast/core'
import { redisStore } from '@holdfast/core/redis'
import { nearCache } from '@holdfast/core/resilience'

interface Data {
  cart: string[]
}

// #region stale
/** While Redis does not answer, whoever was here lately is shown their session, and can change nothing. */
export function sessionsOn(url: string, secret: string): SessionManager<Data> {
  return createSessions<Data>({
    store: nearCache(redisStore({ url }), { maxStale: minutes(5) }),
    onUnavailable: 'stale',
    secrets: [secret],
    initial: () => ({ cart: [] }),
  })
}
// #endregion stale
