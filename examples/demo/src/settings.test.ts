import { expect, test } from 'vitest'
import { readSettings } from './settings.ts'

const secret = 'a secret of more than thirty-two bytes'

test('without an environment: memory, a random secret, this machine alone', () => {
  const settings = readSettings({})
  expect(settings).toMatchObject({ port: undefined, host: '127.0.0.1', redisUrl: undefined, secretIsRandom: true })
  expect(settings.secret).toHaveLength(43)
  expect(readSettings({}).secret).not.toBe(settings.secret)
})

test('takes what is named; what is empty is not', () => {
  const env = { PORT: '8080', HOST: '0.0.0.0', REDIS_URL: 'redis://localhost:6379', SESSION_SECRET: secret }
  expect(readSettings(env)).toEqual({
    port: 8080,
    host: '0.0.0.0',
    redisUrl: 'redis://localhost:6379',
    secret,
    secretIsRandom: false,
  })
  expect(readSettings({ PORT: '', REDIS_URL: '', SESSION_SECRET: '' })).toMatchObject({ port: undefined, redisUrl: undefined })
})

test.each(['http', '-1', '65536', '80.5'])('refuses PORT=%s by name', (PORT) => {
  expect(() => readSettings({ PORT })).toThrow(`PORT is "${PORT}"; it takes a number from 0 to 65535.`)
})

test.each(['localhost:6379', 'http://:hush@localhost', 'redis'])('refuses REDIS_URL=%s by name, and quotes none of it', (REDIS_URL) => {
  expect(() => readSettings({ REDIS_URL })).toThrow(/^REDIS_URL is no Redis URL; it takes one such as redis:\/\/localhost:6379\.$/)
})

test('refuses a short SESSION_SECRET by name, and does not quote it', () => {
  expect(() => readSettings({ SESSION_SECRET: 'hush' })).toThrow(
    /^SESSION_SECRET has 4 bytes; it takes at least 32, such as of openssl rand -base64 32\.$/,
  )
})
