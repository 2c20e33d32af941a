import { redisStore, type RedisStoreOptions } from '@holdfast/core/redis'
import { nearCache, type NearCache, type NearCacheOptions } from '@holdfast/core/resilience'
import type { Scene } from './fault.ts'
import { prefix } from './load/holdfast-site.ts'
import { fact, type Judgement } from './judgement.ts'

const warm = 'reads answered from near caches, in percent'

/** That the near caches were in use, so that what they must not do could have been seen. */
export const cachesInUse: Judgement = fact(warm, { atLeast: 20 })

/** Three applications on the same servers, each with a near cache before its store; each request comes to any of them. */
export function nearCaches(
  store: RedisStoreOptions,
  options: NearCacheOptions & { readonly signOutShowsWithin: number },
): Pick<Scene, 'applications' | 'store' | 'signOutShowsWithin' | 'facts'> {
  const { signOutShowsWithin, ...cacheOptions } = options
  const caches: NearCache[] = []
  return {
    applications: 3,
    signOutShowsWithin,
    store() {
      const cache = nearCache(redisStore({ prefix, ...store }), cacheOptions)
      caches.push(cache)
      return cache
    },
    async facts() {
      const hits = caches.reduce((sum, cache) => sum + cache.stats().hits, 0)
      const misses = caches.reduce((sum, cache) => sum + cache.stats().misses, 0)
      return { [warm]: Math.round((hits / (hits + misses)) * 100) }
    },
  }
}
