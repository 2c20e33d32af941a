import { expect, test } from 'vitest'
import { checkOptions } from './redis-options.ts'
import { redisStore } from './redis-store.ts'

test('a URL names everything that a connection needs', () => {
  expect(checkOptions({ url: 'rediss://app:p%40ss@redis.example:6380/2' }).address).toEqual({
    host: 'redis.example',
    port: 6380,
    db: 2,
    username: 'app',
    password: 'p@ss',
    tls: {},
  })
  expect(checkOptions({ url: 'redis://[::1]', password: 'p@ss' }).address).toEqual({ host: '::1', port: 6379, db: 0, password: 'p@ss' })
  expect(checkOptions({}).address).toEqual({ host: 'localhost', port: 6379, db: 0 })
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
