import type { SessionStore } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'

/** A store, and its place in words. */
export interface OpenStore {
  readonly store: SessionStore
  readonly place: string
}

/** Memory, or the Redis of this URL: ioredis is loaded only for the latter. */
export async function openStore(redisUrl: string | undefined): Promise<OpenStore> {
  if (redisUrl === undefined) return { store: memoryStore(), place: 'memory' }
  const { redisStore } = await import('@holdfast/core/redis')
  // The host alone: a URL may hold a password.
  return { store: redisStore({ url: redisUrl }), place: `Redis at ${new URL(redisUrl).host}` }
}
