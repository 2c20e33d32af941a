import { redisStore } from '@holdfast/core/redis'
import { elastiCacheToken } from './elasticache-token.ts'
import { elastiCache } from './topologies.ts'

// #region store
export const store = redisStore({
  ...elastiCache,
  username: 'shop',
  password: elastiCacheToken({ cache: 'sessions', region: 'eu-central-1', user: 'shop' }),
})
// #endregion store
