import { startMemcached, type MemcachedServer } from '@holdfast/testbed'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { anyKey, anyRecord } from '../../testing/any-record.ts'
import { raceContract } from '../../testing/race-contract.ts'
import { storeContract } from '../../testing/store-contract.ts'
import { memcachedStore, type MemcachedStore, type MemcachedStoreOptions } from './memcached-store.ts'

let servers: MemcachedServer[]
beforeAll(async () => {
  servers = await Promise.all([startMemcached(), startMemcached(), startMemcached()])
})
afterAll(async () => void (await Promise.all(servers.map((server) => server.close()))))

const addresses = (): string[] => servers.map(({ address }) => address)

function open(options: MemcachedStoreOptions): MemcachedStore {
  const store = memcachedStore(options)
  onTestFinished(() => store.close?.())
  return store
}

/** So many sessions. */
async function filled(store: MemcachedStore, count: number): Promise<string[]> {
  const keys = Array.from({ length: count }, anyKey)
  await Promise.all(keys.map((key) => store.put(key, anyRecord(), { expected: null })))
  return keys
}

async function missingIn(store: MemcachedStore, keys: readonly string[]): Promise<number> {
  const found = await Promise.all(keys.map((key) => store.get(key)))
  return found.filter((record) => record === null).length
}

/** What the endpoint of an ElastiCache cluster of older engines says, under the key where it keeps it. */
async function announce(endpoint: MemcachedServer, version: number, nodes: readonly MemcachedServer[]): Promise<void> {
  const config = `${version}\n${nodes.map(({ host, port }) => `${host}|${host}|${port}`).join(' ')}\n`
  await endpoint.command(`set AmazonElastiCache:cluster 0 0 ${config.length}`, config)
}

describe('three servers, one copy', () => {
  storeContract({ describe, test }, () => memcachedStore({ nodes: addresses() }))
})

test('what one server alone has is found when it is started as one of several', async () => {
  const several = await Promise.all([startMemcached(), startMemcached(), startMemcached()])
  onTestFinished(async () => void (await Promise.all(several.map((server) => server.close()))))
  const [first, ...others] = several.map(({ address }) => address) as [string, ...string[]]
  const alone = memcachedStore({ nodes: [first] })
  const keys = await filled(alone, 100)
  await alone.close?.()
  expect(await missingIn(open({ nodes: [first, ...others] }), keys)).toBe(0)
})

describe('three servers, two copies', () => {
  storeContract({ describe, test }, () => memcachedStore({ nodes: addresses(), copies: 2 }))
  raceContract({ describe, test }, () => memcachedStore({ nodes: addresses(), copies: 2 }))
})

test('only where there are copies a second cookie says how new an answer has to be', () => {
  expect(open({ nodes: addresses() }).answersFromCopies).toBe(false)
  expect(open({ nodes: addresses(), copies: 2 }).answersFromCopies).toBe(true)
})

test('sessions are shared out over the servers, and two stores that name them in another order find the same', async () => {
  const store = open({ nodes: addresses(), prefix: 'shared:' })
  const keys = await filled(store, 60)
  const other = open({ nodes: addresses().toReversed(), prefix: 'shared:' })
  expect(await missingIn(other, keys)).toBe(0)
  const held = await Promise.all(
    servers.map(
      async (server) => (await Promise.all(keys.map((key) => server.command(`mg shared:${key}`)))).filter((reply) => reply === 'HD').length,
    ),
  )
  expect(held.reduce((sum, count) => sum + count)).toBe(60)
  expect(Math.min(...held)).toBeGreaterThan(0)
})

test('one server becomes three and one again by setNodes, and no session is lost on the way', async () => {
  const [first] = addresses() as [string]
  const store = open({ nodes: [first] })
  const keys = await filled(store, 100)
  store.setNodes([first])
  expect(store.nodes()).toHaveLength(1)
  store.setNodes(addresses())
  expect(store.nodes().map(({ name }) => name)).toEqual(addresses())
  expect(await missingIn(store, keys)).toBe(0)
  const later = await filled(store, 100)
  store.setNodes([first])
  expect(await missingIn(store, [...keys, ...later])).toBe(0)
  expect(await store.stats()).toHaveLength(3)
})

test('setNodes refuses what are no nodes, and where they are discovered', () => {
  const store = open({ nodes: addresses() })
  expect(() => store.setNodes([])).toThrow('setNodes(nodes) is empty')
  const discovering = open({ discover: addresses()[0] as string })
  expect(() => discovering.setNodes(addresses())).toThrow('discover finds the nodes')
})

describe('discover', () => {
  async function endpoint(): Promise<MemcachedServer> {
    const server = await startMemcached()
    onTestFinished(() => server.close())
    return server
  }

  test('the first call waits for the nodes, and a node that comes later is taken up without losing a session', async () => {
    const telling = await endpoint()
    await announce(telling, 1, servers.slice(0, 2))
    const store = open({ discover: { endpoint: telling.address, every: 1_000 }, copies: 2 })
    expect(store.nodes()).toEqual([])
    const keys = await filled(store, 50)
    expect(store.nodes().map(({ name }) => name)).toEqual(addresses().slice(0, 2))
    await announce(telling, 2, servers)
    await expect.poll(() => store.nodes().length, { timeout: 15_000 }).toBe(3)
    expect(await missingIn(store, keys)).toBe(0)
  })

  test('while nobody tells the nodes, calls say so; once somebody does, they go through', async () => {
    const telling = await endpoint()
    const store = open({ discover: telling.address })
    await expect(store.get(anyKey())).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE', message: expect.stringContaining('not known yet') })
    await announce(telling, 1, servers)
    await expect.poll(async () => store.get(anyKey()), { timeout: 15_000 }).toBeNull()
  })
})
