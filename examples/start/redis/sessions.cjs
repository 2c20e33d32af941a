const { createSessions, minutes } = require('@holdfast/core')
// #region import
const { redisStore } = require('@holdfast/core/redis')
// #endregion import

const sessions = createSessions({
  // #region store
  store: redisStore({ url: process.env.REDIS_URL ?? 'redis://localhost:6379' }),
  // #endregion store
  secrets: [process.env.SESSION_SECRET],
  idleTimeout: minutes(30),
  initial: () => ({ visits: 0 }),
})

module.exports = { sessions }
