import { createSessions } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { redisStore } from '@holdfast/core/redis'

/** Holdfast with its defaults, on the store that the variant names. */
export function holdfast(variant, redisUrl) {
  return createSessions({
    store: variant === 'memory' ? memoryStore() : redisStore({ url: redisUrl }),
    secrets: ['a secret for measurements, of 32 bytes or more'],
    // The load generator speaks plain http and keeps no rules of browsers.
    cookie: { secure: true },
  })
}
