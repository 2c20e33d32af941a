import { createSessions, minutes } from '@holdfast/core'
// #region import
import { redisStore } from '@holdfast/core/redis'
// #endregion import

export const sessions = createSessions({
  // #region store
  store: redisStore({ url: process.env.REDIS_URL ?? 'redis://localhost:6379' }),
  // #endregion store
  secrets: [process.env.SESSION_SECRET],
  idleTimeout: minutes(30),
  initial: () => ({ visits: 0 }),
})
