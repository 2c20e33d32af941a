import { expect, test } from 'vitest'
import { checkOptions, type RedisStoreOptions } from './redis-options.ts'
import { redisStore } from './redis-store.ts'

async function serverOf(options: RedisStoreOptions): Promise<unknown> {
  const { place, credentials } = checkOptions(options)
  return { ...(place.kind === 'servers' ? place.primary : {}), username: credentials.username, password: await credentials.password() }
}

test('a URL names everything that a connection needs', async () => {
  expect(await serverOf({ url: 'rediss://app:p%40ss@redis.example:6380/2' })).toEqual({
    host: 'redis.example',
    port: 6380,
    db: 2,
    username: 'app',
    password: 'p@ss',
    tls: {},
  })
  expect(await serverOf({ url: 'redis://[::1]', password: 'p@ss' })).toEqual({ host: '::1', port: 6379, db: 0, password: 'p@ss' })
  expect(await serverOf({})).toEqual({ host: 'localhost', port: 6379, db: 0 })
})

test('a password is asked for each time, and one that is none is named', async () => {
  let asked = 0
  const { credentials } = checkOptions({ username: 'app', password: async () => `token ${++asked}` })
  expect([await credentials.password(), await credentials.password()]).toEqual(['token 1', 'token 2'])
  await expect(checkOptions({ password: () => 1 as never }).credentials.password()).rejects.toThrow(
    'redisStore({ password }) is a function',
  )
})

test('each kind of place is told from the others', () => {
  const sentinels = ['redis://:hunter2@10.0.0.1', 'redis://10.0.0.2:26380']
  expect(checkOptions({ sentinels, name: 'main', database: 3, password: 'p' }).place).toMatchObject({
    kind: 'sentinel',
    name: 'main',
    database: 3,
    sentinels: [{ address: { host: '10.0.0.1', port: 26_379 } }, { address: { host: '10.0.0.2', port: 26_380 } }],
  })
  expect(checkOptions({ cluster: ['rediss://config.example'] }).place).toMatchObject({ kind: 'cluster', seeds: [{ port: 6379, tls: {} }] })
  expect(checkOptions({ url: 'redis://a', replicas: ['redis://b'] }).place).toMatchObject({ kind: 'servers', replicas: [{ host: 'b' }] })
  expect(checkOptions({ url: 'redis://a/2', replicas: ['redis://b'] }).place).toMatchObject({ primary: { db: 2 }, replicas: [{ db: 2 }] })
  expect([...checkOptions({ cluster: ['redis://a'], nat: { '10.0.0.5:6379': 'redis.example:16379' } }).nat]).toEqual([
    ['10.0.0.5:6379', { host: 'redis.example', port: 16_379 }],
  ])
})

test.each([
  ['url', { url: 'hunter2' }],
  ['url', { url: 'hunter2:hunter2' }],
  ['url', { url: 'https://user:hunter2@example.org' }],
  ['url', { url: 'redis://user:hunter2@host/name' }],
  ['url', { url: 'redis://user:hunter2%@host' }],
  ['url', { url: 'redis://user:hunter2@host/0?hunter2' }],
  ['url', { url: 'redis://:hunter2@:6379' }],
  ['url', { url: 6379 as never }],
  ['password', { password: 1 as never }],
  ['prefix', { prefix: null as never }],
  ['client', { client: {} as never }],
  ['client', { url: 'redis://user:hunter2@host', client: {} as never }],
  ['client', { password: 'hunter2', client: {} as never }],
  ['client', { readFrom: 'replica' as const, client: {} as never }],
  ['cluster', { cluster: [] }],
  ['cluster', { cluster: ['redis://:hunter2@host/1'] }],
  ['cluster', { cluster: ['redis://host'], url: 'redis://:hunter2@host' }],
  ['sentinels', { sentinels: ['hunter2'], name: 'main' }],
  ['sentinels', { sentinels: ['redis://host', 'redis://host:26379'], name: 'main' }],
  ['name', { sentinels: ['redis://:hunter2@host'] }],
  ['name', { name: 'main' }],
  ['replicas', { replicas: 'redis://:hunter2@host' as never }],
  ['replicas', { replicas: ['redis://:hunter2@host'] }],
  ['replicas', { url: 'redis://:hunter2@a/1', replicas: ['redis://b/2'] }],
  ['database', { database: 1 }],
  ['username', { username: 1 as never }],
  ['tls', { tls: 'yes' as never }],
  ['nat', { nat: { '10.0.0.5': 'hunter2' } }],
  ['nat', { url: 'redis://:hunter2@a', nat: { 'a:6379': 'b:6379' } }],
  ['announce', { announce: 'no' as never }],
  ['readFrom', { readFrom: 'nearest' as never }],
  ['hedgeAfter', { hedgeAfter: 0 }],
  ['maxReplicaAge', { maxReplicaAge: Number.NaN }],
])('a wrong %s is named, with what it takes, and no password is shown: %o', (option, options) => {
  expect(() => redisStore(options)).toThrow(
    expect.objectContaining({
      code: 'ERR_OPTION',
      message: expect.stringMatching(new RegExp(`^(?!.*hunter2)redisStore\\(\\{ ${option} \\}\\) is .*; it takes .*`)),
    }),
  )
})

test('a URL in place of the options is told where it goes', () => {
  expect(() => redisStore('redis://user:hunter2@host' as never)).toThrow(
    "redisStore(options) is a string; it takes an object: redisStore({ url: 'redis://localhost:6379' }).",
  )
})
