import type { RedisStoreOptions } from '@holdfast/core/redis'

/** The same options for servers that a test has started: `{ 'redis-1.internal:6379': 'redis://127.0.0.1:41234' }`. */
export function elsewhere(options: RedisStoreOptions, places: Readonly<Record<string, string>>): RedisStoreOptions {
  const moved = (url: string): string => {
    const place = places[new URL(url).host]
    if (place === undefined) throw new Error(`no server stands for ${url}`)
    return place
  }
  const { url, replicas, sentinels, cluster } = options
  return {
    ...options,
    ...(url && { url: moved(url) }),
    ...(replicas && { replicas: replicas.map(moved) }),
    ...(sentinels && { sentinels: sentinels.map(moved) }),
    ...(cluster && { cluster: cluster.map(moved) }),
  }
}
