import type { RedisClient } from './redis-client.ts'

/** ioredis has every command as a method; what stands in `RedisClient` is what it takes of a client that is handed in. */
interface Asking {
  asking(): Promise<unknown>
}

/**
 * The same client for one slot that is just moving here: each command has an ASKING before it (Redis Cluster specification, ASK
 * redirection). Both are written in the same turn, so nothing comes between.
 */
export function asking(client: RedisClient): RedisClient {
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        ;(target as unknown as Asking).asking().catch(() => {})
        return (value as (...given: unknown[]) => unknown).apply(target, args)
      }
    },
  })
}
