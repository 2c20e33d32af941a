import { fork, type ChildProcess } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSessions } from '@holdfast/core'
import { redisStore, type RedisStoreOptions } from '@holdfast/core/redis'
import { freePort, startRedis, type RedisServer } from '@holdfast/testbed'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { ElastiCacheUser } from './elasticache-token.ts'
import { elsewhere } from './elsewhere.ts'
import { selfSigned } from './self-signed.ts'
import { elastiCache } from './topologies.ts'

// What AWS cannot be asked here: that it takes the token. What can be: that the token is what its guide says, and that it arrives.

const user = { cache: 'sessions', region: 'eu-central-1', user: 'shop' }
const accessKey = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }

// In a process of its own: tests run under the condition `module`, by which the packages of AWS name files that Node cannot load.
let tokens: ChildProcess
beforeAll(async () => {
  const env = { ...process.env, ...accessKey, AWS_SESSION_TOKEN: 'FwoGZXIvYXdzEXAMPLE/+==' }
  tokens = fork(join(import.meta.dirname, 'token-process.ts'), { execArgv: ['--conditions=@holdfast/source', '--import', 'tsx'], env })
  expect(await message()).toBe(true)
})
afterAll(() => void tokens.kill())

async function tokenFor(asked: ElastiCacheUser): Promise<string> {
  tokens.send(asked)
  return String(await message())
}

async function message(): Promise<unknown> {
  const [said] = (await once(tokens, 'message', { signal: AbortSignal.timeout(20_000) })) as [unknown]
  return said
}

/** The signature of a GET of this address, as "Signature Version 4" in the AWS documentation computes it. */
function signatureOf(query: URLSearchParams, host: string): string {
  const encoded = (text: string): string => encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`)
  const pairs = [...query].filter(([name]) => name !== 'X-Amz-Signature').map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
  const nothing = createHash('sha256').update('').digest('hex')
  const canonical = ['GET', '/', pairs.toSorted().join('&'), `host:${host}`, '', 'host', nothing].join('\n')
  const [, ...scope] = (query.get('X-Amz-Credential') as string).split('/')
  const hash = createHash('sha256').update(canonical).digest('hex')
  const text = ['AWS4-HMAC-SHA256', query.get('X-Amz-Date'), scope.join('/'), hash].join('\n')
  const key = scope.reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${accessKey.AWS_SECRET_ACCESS_KEY}`)
  return hmac(key, text).toString('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

test('the token is a presigned request to connect as this user, without its scheme', async () => {
  const token = await tokenFor(user)
  const { host, pathname, searchParams } = new URL(`http://${token}`)
  expect([host, pathname]).toEqual(['sessions', '/'])
  const date = searchParams.get('X-Amz-Date') as string
  expect(Object.fromEntries(searchParams)).toEqual({
    Action: 'connect',
    User: 'shop',
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `AKIDEXAMPLE/${date.slice(0, 8)}/eu-central-1/elasticache/aws4_request`,
    'X-Amz-Date': expect.stringMatching(/^\d{8}T\d{6}Z$/),
    'X-Amz-Expires': '900',
    'X-Amz-Security-Token': 'FwoGZXIvYXdzEXAMPLE/+==',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Signature': signatureOf(searchParams, 'sessions'),
  })
})

test('for a serverless cache it says so', async () => {
  const token = await tokenFor({ ...user, isServerless: true })
  expect(new URL(`http://${token}`).searchParams.get('ResourceType')).toBe('ServerlessCache')
})

const folder = mkdtempSync(join(tmpdir(), 'holdfast-tls-'))
const { key, cert } = selfSigned('localhost')
let primary: RedisServer
let replica: RedisServer
let places: Record<string, string>
beforeAll(async () => {
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  writeFileSync(keyFile, key)
  writeFileSync(certFile, cert)
  const tlsPorts = [await freePort(), await freePort()] as const
  const args = (port: number): string[] => {
    const tls = ['--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', certFile, '--tls-auth-clients', 'no']
    return ['--tls-port', String(port), ...tls, '--repl-diskless-sync-delay', '0']
  }
  primary = await startRedis({ args: args(tlsPorts[0]) })
  replica = await startRedis({ args: args(tlsPorts[1]), replicaOf: primary })
  const [first, second] = [elastiCache.url, elastiCache.replicas[0]].map((url) => new URL(url as string).host)
  places = { [first as string]: `rediss://localhost:${tlsPorts[0]}`, [second as string]: `rediss://localhost:${tlsPorts[1]}` }
})
afterAll(async () => {
  await Promise.all([primary?.close(), replica?.close()])
  rmSync(folder, { recursive: true, force: true })
})

function open(options: RedisStoreOptions) {
  const store = redisStore({ ...elsewhere(elastiCache, places), username: 'shop', ...options })
  const sessions = createSessions<{ visits: number }>({
    store,
    secrets: ['only for the test of the examples'],
    initial: () => ({ visits: 0 }),
  })
  onTestFinished(() => sessions.close())
  return sessions
}

/** As AWS does: who comes with a token that is right now is let in, and with an older one is not. */
async function accept(token: string): Promise<void> {
  const rules = ['SETUSER', 'shop', 'reset', 'on', `>${token}`, '~holdfast:*', '+@all'] as const
  await Promise.all([primary, replica].map((server) => server.command('ACL', ...rules)))
}

test('over TLS, the token lets us in, and is asked for again when the connection was cut, as AWS cuts it after 12 hours', async () => {
  let asked = 0
  const password = async (): Promise<string> => {
    asked += 1
    const token = await tokenFor(user)
    await accept(token)
    return token
  }
  const sessions = open({ tls: { ca: cert }, password })
  const { cookie, session } = await sessions.create({ visits: 1 })
  expect(await primary.command('EXISTS', `holdfast:${session.id}`)).toBe(1)

  const before = asked
  await primary.command('CLIENT', 'KILL', 'USER', 'shop')
  session.data.visits = 2
  await session.save()
  expect(asked).toBeGreaterThan(before)
  expect((await sessions.open(cookie).load({ fresh: true })).data).toEqual({ visits: 2 })
})

test('a server whose certificate nobody vouches for, or which is for another name, is not used', async () => {
  const otherName = places[new URL(elastiCache.url).host]?.replace('localhost', '127.0.0.1')
  for (const options of [{ tls: true }, { tls: { ca: cert }, url: otherName, replicas: undefined }]) {
    const sessions = open({ ...options, password: 'unused' })
    await expect(sessions.ready()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
  }
})
