import { memcachedStore, type MemcachedStore } from '@holdfast/core/memcached'
import { startMemcached, type MemcachedOptions, type MemcachedServer } from '@holdfast/testbed'
import type { Scene } from './fault.ts'
import { prefix } from './load/holdfast-site.ts'
import { plainMemcached } from './load/plain-memcached.ts'

export interface MemcachedFleetOptions extends Omit<MemcachedOptions, 'port'> {
  /** @default 3 */
  readonly nodes?: number | undefined
  /** How many of them are used at first. @default all */
  readonly used?: number | undefined
  readonly copies: number
}

/** Memcached servers that know nothing of each other. */
export interface MemcachedFleet {
  readonly servers: readonly MemcachedServer[]
  /** The stores on all of them, one an application: the first two are under load. */
  readonly stores: readonly MemcachedStore[]
  readonly base: Pick<Scene, 'applications' | 'plain' | 'close'> & { readonly store: () => MemcachedStore }
}

export async function memcachedFleet({ nodes = 3, used = nodes, copies, ...options }: MemcachedFleetOptions): Promise<MemcachedFleet> {
  const starting = await Promise.allSettled(Array.from({ length: nodes }, () => startMemcached(options)))
  const servers = starting.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const close = async (): Promise<void> => void (await Promise.all(servers.map((server) => server.close())))
  const failed = starting.find((one) => one.status === 'rejected')
  if (failed !== undefined) {
    await close()
    throw failed.reason
  }
  const stores: MemcachedStore[] = []
  const addresses = addressesOf(servers.slice(0, used))
  return {
    servers,
    stores,
    base: {
      // What one of them knows of the servers the other one has to find out by itself.
      applications: 2,
      store() {
        const store = memcachedStore({ nodes: addresses, copies, prefix })
        stores.push(store)
        return store
      },
      plain: (system) => plainMemcached(addresses, system === 'memjs-failover'),
      close,
    },
  }
}

/** What stands beside Holdfast on them. */
export const besideMemcached = ['memjs', 'memjs-failover'] as const

export function addressesOf(servers: readonly MemcachedServer[]): string[] {
  return servers.map(({ address }) => address)
}
