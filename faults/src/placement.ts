import { memcachedStore } from '@holdfast/core/memcached'
import type { MemcachedServer } from '@holdfast/testbed'
import type { System } from './fault.ts'
import { holders } from './holders.ts'
import { inBatches } from './in-batches.ts'
import { plainMemcached } from './load/plain-memcached.ts'
import { addressesOf } from './memcached-scene.ts'

/** Which servers each of some keys is stored on. */
type Placement = ReadonlyMap<string, readonly MemcachedServer[]>

let placements = 0

/** Stores something under each key, and asks the servers where it is. */
export async function placed(system: System, servers: readonly MemcachedServer[], keys: readonly string[]): Promise<Placement> {
  const at = system === 'holdfast' ? await placedByUs(servers, keys) : await placedByMemjs(servers, keys)
  return new Map(keys.map((key, index) => [key, at[index]!]))
}

async function placedByUs(servers: readonly MemcachedServer[], keys: readonly string[]): Promise<(readonly MemcachedServer[])[]> {
  // A ring of its own for each, as if it had always been so: where a key belongs has nothing to do with the prefix.
  const prefix = `placement-${(placements += 1)}:`
  const store = memcachedStore({ nodes: addressesOf(servers), copies: 2, prefix })
  const record = { version: '0000000001.placed', expiresAt: Date.now() + 3_600_000, value: Buffer.from('{}') }
  try {
    await inBatches(keys.length, (at) => store.put(keys[at]!, record, { expected: null }))
    const found = await holders(
      servers,
      keys.map((key) => prefix + key),
    )
    return [...found.values()]
  } finally {
    await store.close?.()
  }
}

async function placedByMemjs(servers: readonly MemcachedServer[], keys: readonly string[]): Promise<(readonly MemcachedServer[])[]> {
  const client = plainMemcached(addressesOf(servers))
  try {
    await inBatches(keys.length, (at) => client.set(keys[at]!, '{}'))
    const found = await holders(servers, keys)
    await inBatches(keys.length, (at) => client.delete(keys[at]!))
    return [...found.values()]
  } finally {
    client.close()
  }
}

/** How many of the copies of one placement are on another server in the next one, in per cent. */
export function percentMoved(from: Placement, to: Placement): number {
  let copies = 0
  let moved = 0
  for (const [key, servers] of to) {
    copies += servers.length
    moved += servers.filter((server) => !from.get(key)!.includes(server)).length
  }
  return (100 * moved) / copies
}
