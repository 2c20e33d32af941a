import { makeCertificate, startMemcached, type Certificate, type MemcachedServer } from '@holdfast/testbed'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { SessionStore } from '../../../record/store.ts'
import { anyKey, anyRecord } from '../../../testing/any-record.ts'
import { failureOf } from '../../../testing/failure-of.ts'
import { memcachedStore, type MemcachedStoreOptions } from '../memcached-store.ts'

let certificate: Certificate
let memcached: MemcachedServer
beforeAll(async () => {
  certificate = await makeCertificate()
  memcached = await startMemcached({ tls: certificate })
})
afterAll(async () => {
  await memcached.close()
  await certificate.close()
})

function open(options: MemcachedStoreOptions): SessionStore {
  const store = memcachedStore(options)
  onTestFinished(() => store.close?.())
  return store
}

async function keepsSessions(store: SessionStore): Promise<void> {
  const [key, record] = [anyKey(), anyRecord()]
  expect(await store.put(key, record, { expected: null })).toEqual({ stored: true })
  expect(await store.get(key)).toEqual(record)
  // More than one record of TLS holds.
  const large = { ...anyRecord(record.version), value: Buffer.alloc(100_000, 'v') }
  expect(await store.put(key, large, { expected: record.version })).toEqual({ stored: true })
  expect(large.value.equals((await store.get(key))?.value ?? Buffer.alloc(0))).toBe(true)
}

async function problemOf(options: MemcachedStoreOptions, within = 2_000): Promise<string> {
  const error = await failureOf(open(options).get(anyKey(), { signal: AbortSignal.timeout(within) }))
  expect(error.code).toBe('ERR_UNAVAILABLE')
  return error.message
}

test('memcacheds:// or the option tls, with the authority that signed the certificate', async () => {
  await keepsSessions(open({ nodes: [`memcacheds://127.0.0.1:${memcached.port}`], tls: { ca: certificate.ca } }))
  await keepsSessions(open({ nodes: [`localhost:${memcached.port}`], tls: { ca: certificate.ca } }))
})

test('what is wrong with TLS is named by its code', async () => {
  const nodes = [`memcacheds://127.0.0.1:${memcached.port}`]
  const [unknown, misnamed, mistaken] = await Promise.all([
    problemOf({ nodes }),
    problemOf({ nodes, tls: { ca: certificate.ca, servername: 'memcached.example' } }),
    problemOf({ nodes, tls: { minVersion: 'TLSv9' as never } }),
  ])
  expect(unknown).toContain('(DEPTH_ZERO_SELF_SIGNED_CERT)')
  expect(misnamed).toContain('(ERR_TLS_CERT_ALTNAME_INVALID)')
  expect(mistaken).toContain('tls are wrong: ERR_TLS_INVALID_PROTOCOL_VERSION')
})

test('TLS to a server that speaks none, and none to one that speaks TLS, end soon, and the message says how', async () => {
  const plain = await startMemcached()
  onTestFinished(() => plain.close())
  const [toPlain, toTls] = await Promise.all([
    problemOf({ nodes: [`memcacheds://${plain.address}`] }, 4_000),
    problemOf({ nodes: [memcached.address] }, 4_000),
  ])
  expect(toPlain).toMatch(/\((ECONNRESET|EPROTO|ERR_SSL_\w+|the connection was lost)\)/)
  expect(toTls).toMatch(/\((ECONNRESET|EPIPE|the connection was lost)\)/)
})
