import { createSessions } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { redisStore } from '@holdfast/core/redis'
import { nearCache } from '@holdfast/core/resilience'

const stores = {
  memory: () => memoryStore(),
  redis: (url) => redisStore({ url }),
  near: (url) => nearCache(redisStore({ url })),
}

/** Holdfast with its defaults, on the store that the variant names. */
export function holdfast(variant, redisUrl) {
  return createSessions({
    store: stores[variant](redisUrl),
    secrets: ['a secret for measurements, of 32 bytes or more'],
    // The load generator speaks plain http and keeps no rules of browsers.
    cookie: { secure: true },
  })
}
