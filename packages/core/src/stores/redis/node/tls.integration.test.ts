import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, makeCertificate, startClusterNode, startRedis, type Certificate, type RedisServer } from '@holdfast/testbed'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { SessionStore } from '../../../record/store.ts'
import { anyKey, anyRecord } from '../../../testing/any-record.ts'
import { failureOf } from '../../../testing/failure-of.ts'
import { redisStore, type RedisStoreOptions } from '../redis-store.ts'

let certificate: Certificate
let redis: RedisServer
let tlsPort: number
beforeAll(async () => {
  certificate = await makeCertificate()
  const listening = await certificate.redisArgs()
  tlsPort = listening.tlsPort
  redis = await startRedis({ args: listening.args })
})
afterAll(async () => {
  await redis.close()
  await certificate.close()
})

function open(options: RedisStoreOptions): SessionStore {
  const store = redisStore(options)
  onTestFinished(() => store.close?.())
  return store
}

async function started(server: Promise<RedisServer>): Promise<RedisServer> {
  const one = await server
  onTestFinished(() => one.close())
  return one
}

async function keepsSessions(store: SessionStore): Promise<void> {
  const [key, record] = [anyKey(), anyRecord()]
  expect(await store.put(key, record, { expected: null })).toEqual({ stored: true })
  expect(await store.get(key)).toMatchObject({ version: record.version })
}

async function problemOf(options: RedisStoreOptions, within = 2_000): Promise<string> {
  const error = await failureOf(open(options).get(anyKey(), { signal: AbortSignal.timeout(within) }))
  expect(error.code).toBe('ERR_UNAVAILABLE')
  return error.message
}

test('rediss:// or the option tls, with the authority that signed the certificate', async () => {
  await keepsSessions(open({ url: `rediss://127.0.0.1:${tlsPort}`, tls: { ca: certificate.ca } }))
  await keepsSessions(open({ url: `redis://localhost:${tlsPort}`, tls: { ca: certificate.ca } }))
})

test('what is wrong with TLS is named by its code', async () => {
  const url = `rediss://127.0.0.1:${tlsPort}`
  const other = await makeCertificate()
  onTestFinished(() => other.close())
  const [unknown, another, misnamed] = await Promise.all([
    problemOf({ url }),
    problemOf({ url, tls: { ca: other.ca } }),
    problemOf({ url, tls: { ca: certificate.ca, servername: 'redis.example' } }),
  ])
  expect(unknown).toContain('(DEPTH_ZERO_SELF_SIGNED_CERT)')
  expect(another).toContain('(DEPTH_ZERO_SELF_SIGNED_CERT)')
  expect(misnamed).toContain('(ERR_TLS_CERT_ALTNAME_INVALID)')
})

test('a store that is closed in the middle of a handshake that fails leaves no error that nobody hears', async () => {
  const unheard: Error[] = []
  const hear = (error: Error): void => void unheard.push(error)
  process.on('uncaughtException', hear)
  onTestFinished(() => void process.off('uncaughtException', hear))
  // A handshake takes some milliseconds. While only the first error was heard, some five of these ended the process.
  for (let round = 0; round < 200; round += 1) {
    const store = redisStore({ url: `rediss://127.0.0.1:${tlsPort}` })
    const answer = failureOf(store.get(anyKey()))
    await sleep(round % 10)
    await store.close?.()
    expect((await answer).code).toBe('ERR_UNAVAILABLE')
  }
  expect(unheard).toEqual([])
})

test('TLS to a server that speaks none, and none to one that speaks TLS, end soon, and the message says how', async () => {
  const [toPlain, toTls] = await Promise.all([
    problemOf({ url: `rediss://127.0.0.1:${redis.port}` }, 4_000),
    problemOf({ url: `redis://127.0.0.1:${tlsPort}` }, 4_000),
  ])
  expect(toPlain).toContain('(ETIMEDOUT)')
  expect(toTls).toMatch(/\((ECONNRESET|EPIPE|the connection was lost)\)/)
})

test('servers that Sentinels name are reached by TLS, the Sentinels themselves as their URLs say', async () => {
  const watching = await certificate.redisArgs()
  const sentinel = await started(startRedis({ args: ['--sentinel', ...watching.args, '--tls-replication', 'yes'] }))
  await sentinel.command('SENTINEL', 'MONITOR', 'holdfast', '127.0.0.1', tlsPort, 1)
  await keepsSessions(open({ sentinels: [sentinel.url], name: 'holdfast', tls: { ca: certificate.ca } }))
})

test('a Cluster whose nodes speak TLS to each other names the ports of TLS', async () => {
  const listening = [await certificate.redisArgs(), await certificate.redisArgs()]
  const busPort = await freePort()
  const [one, other] = (await Promise.all(
    listening.map(({ args }, at) =>
      started(startClusterNode({ args: [...args, '--tls-cluster', 'yes'], busPort: at === 0 ? busPort : undefined })),
    ),
  )) as [RedisServer, RedisServer]
  await one.command('CLUSTER', 'ADDSLOTSRANGE', 0, 8_191)
  await other.command('CLUSTER', 'ADDSLOTSRANGE', 8_192, 16_383)
  await other.command('CLUSTER', 'MEET', '127.0.0.1', listening[0]!.tlsPort, busPort)
  for (const node of [one, other])
    await expect
      .poll(async () => node.command('CLUSTER', 'INFO'), { timeout: 15_000 })
      .toMatch(/cluster_state:ok[^]*cluster_slots_ok:16384/)
  const store = open({ cluster: [`rediss://127.0.0.1:${listening[0]!.tlsPort}`], tls: { ca: certificate.ca } })
  for (let key = 0; key < 20; key += 1) await keepsSessions(store)
  expect([await one.command('DBSIZE'), await other.command('DBSIZE')]).not.toContain(0)
})
