import { expect, test } from 'vitest'
import { checkOptions, type MemcachedStoreOptions } from './memcached-options.ts'
import { memcachedStore } from './memcached-store.ts'

test('an address names everything that a connection needs, and the node as every process names it', async () => {
  const { nodes } = checkOptions({
    nodes: ['Cache-1.example', { address: 'memcacheds://app:p%40ss@10.0.0.2:11212', weight: 2 }, '[::1]:11213'],
    username: undefined,
  })
  expect(nodes).toMatchObject([
    { name: 'cache-1.example:11211', place: { host: 'cache-1.example', port: 11_211 }, weight: 1, tls: undefined },
    { name: '10.0.0.2:11212', place: { host: '10.0.0.2', port: 11_212 }, weight: 2, tls: {}, credentials: { username: 'app' } },
    { name: '[::1]:11213', place: { host: '::1', port: 11_213 } },
  ])
  expect(await nodes[1]?.credentials.password()).toBe('p@ss')
  expect(checkOptions({}).nodes).toMatchObject([{ name: 'localhost:11211' }])
})

test('a password is asked for each time, and one that is none is named', async () => {
  let asked = 0
  const [node] = checkOptions({ username: 'app', password: async () => `token ${++asked}` }).nodes
  expect([await node?.credentials.password(), await node?.credentials.password()]).toEqual(['token 1', 'token 2'])
  const [broken] = checkOptions({ username: 'app', password: () => 1 as never }).nodes
  await expect(broken?.credentials.password()).rejects.toThrow('memcachedStore({ password }) is a function')
})

test('where nodes are discovered, a change of nodes is taken to be settled after two looks', () => {
  expect(checkOptions({ discover: 'cfg.example' })).toMatchObject({ discover: { every: 60_000 }, ring: { settleFor: 120_000 }, nodes: [] })
  expect(checkOptions({ discover: { endpoint: 'cfg.example', every: 5_000 } })).toMatchObject({ ring: { settleFor: 10_000 } })
  expect(checkOptions({ discover: 'cfg.example', settleFor: 7 })).toMatchObject({ ring: { settleFor: 7 } })
})

test.each([
  ['nodes', { nodes: [] }],
  ['nodes', { nodes: 'hunter2' as never }],
  ['nodes', { nodes: ['user:hunter2@'] }],
  ['nodes', { nodes: ['https://user:hunter2@example.org'] }],
  ['nodes', { nodes: ['memcached://user:hunter2@host/name'] }],
  ['nodes', { nodes: ['memcached://user:hunter2%@host'] }],
  ['nodes', { nodes: ['memcached://user:hunter2@host?hunter2'] }],
  ['nodes', { nodes: ['host', 'HOST:11211'] }],
  ['nodes', { nodes: [{ address: 'host', weight: 0 }] }],
  ['nodes', { nodes: [11_211 as never] }],
  ['discover', { discover: 'cfg.example', nodes: ['host'] }],
  ['discover', { discover: { endpoint: 'cfg.example', every: 1 } }],
  ['discover', { discover: 'https://user:hunter2@example.org' }],
  ['username', { username: 'app' }],
  ['username', { username: 1 as never }],
  ['password', { password: 'hunter2' }],
  ['password', { password: 1 as never }],
  ['tls', { tls: 'yes' as never }],
  ['prefix', { prefix: null as never }],
  ['prefix', { prefix: 'two words' }],
  ['prefix', { prefix: 'p'.repeat(208) }],
  ['maxItemBytes', { maxItemBytes: 1_000 }],
  ['copies', { copies: 0 }],
  ['write', { copies: 2, write: 3 }],
  ['nodeTimeout', { nodeTimeout: 0 }],
] satisfies [string, MemcachedStoreOptions][])(
  '%s: %o is refused when the store is made, in words that hold no password',
  (option, options) => {
    const make = (): unknown => memcachedStore(options)
    expect(make).toThrow(`memcachedStore({ ${option} }) is `)
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_OPTION', message: expect.not.stringContaining('hunter2') }))
  },
)
