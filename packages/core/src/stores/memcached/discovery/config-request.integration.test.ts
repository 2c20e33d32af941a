import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import {
  freePort,
  listen,
  makeCertificate,
  startFaultProxy,
  startMemcached,
  type MemcachedOptions,
  type MemcachedServer,
} from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import { failureOf } from '../../../testing/failure-of.ts'
import type { ClusterConfig } from './cluster-config.ts'
import { requestConfig, type ConfigRequest } from './config-request.ts'

const key = 'AmazonElastiCache:cluster'
const text = '7\none.example|10.0.0.1|11211 two.example||11212\n'
const config = {
  version: 7,
  nodes: [
    { host: 'one.example', ip: '10.0.0.1', port: 11_211 },
    { host: 'two.example', ip: '', port: 11_212 },
  ],
}

const closed = /^It closed the connection\.$|^The connection failed \(ECONNRESET\)\.$/

async function memcachedWith(value: string | undefined, options?: MemcachedOptions): Promise<MemcachedServer> {
  const memcached = await startMemcached(options)
  onTestFinished(() => memcached.close())
  if (value !== undefined) await memcached.command(`set ${key} 0 0 ${value.length}`, value)
  return memcached
}

function ask(port: number, how: Partial<ConfigRequest> = {}): Promise<ClusterConfig> {
  return requestConfig({ host: '127.0.0.1', port, tls: undefined, timeout: 2_000, signal: new AbortController().signal, ...how })
}

async function problemOf(port: number, how?: Partial<ConfigRequest>): Promise<string> {
  const error = await failureOf(ask(port, how))
  expect(error.code).toBe('ERR_UNAVAILABLE')
  const { host = '127.0.0.1' } = how ?? {}
  const start = `${host}:${port} did not say which nodes its cluster has. `
  expect(error.message.slice(0, start.length)).toBe(start)
  return error.message.slice(start.length)
}

test('a memcached that does not know the command is asked for the key', async () => {
  const { port } = await memcachedWith(text)
  expect(await ask(port)).toEqual(config)
})

test('one without the key is no node of ElastiCache', async () => {
  const { port } = await memcachedWith(undefined)
  expect(await problemOf(port)).toBe('It has no configuration of a cluster: it is no node of ElastiCache for Memcached.')
})

test.each([
  ['1\n', 'The cluster configuration cannot be read: it names no node.'],
  ['{"secret":"of another program"}', 'The cluster configuration cannot be read: its first line is no version.'],
  ['x'.repeat(200_000), 'The cluster configuration cannot be read: it has more than 131072 bytes.'],
])('what is no configuration is an error that quotes nothing of it (%#)', async (value, problem) => {
  const { port } = await memcachedWith(value)
  expect(await problemOf(port)).toBe(problem)
})

test('a configuration of 300 nodes, however slowly it comes', async () => {
  const nodes = Array.from({ length: 300 }, (_, index) => ({ host: `node-${index}.of.a.cluster.example`, ip: '10.0.0.1', port: 11_211 }))
  const memcached = await memcachedWith(`1\n${nodes.map(({ host, ip, port }) => `${host}|${ip}|${port}`).join(' ')}\n`)
  const proxy = await startFaultProxy(memcached)
  onTestFinished(() => proxy.close())
  proxy.throttle(30_000)
  expect(await ask(proxy.port, { timeout: 10_000 })).toEqual({ version: 1, nodes })
})

test('a reply that is cut is an error, and one that stalls is one within the time', async () => {
  const proxy = await startFaultProxy(await memcachedWith(text))
  onTestFinished(() => proxy.close())
  const all = `ERROR\r\nVALUE ${key} 0 ${text.length}\r\n${text}\r\nEND\r\n`.length
  for (const bytes of [3, 7, 30, 60, all - 1]) {
    proxy.cutAfter(bytes)
    expect(await problemOf(proxy.port)).toMatch(closed)
  }
  proxy.stallAfter(60)
  expect(await problemOf(proxy.port, { timeout: 200 })).toBe('It is connected, but did not answer within 200 ms.')
  await proxy.heal()
  proxy.cutAfter(all)
  expect(await ask(proxy.port)).toEqual(config)
})

test('a server that hangs, is away or cannot be found is told apart', async () => {
  const memcached = await memcachedWith(text)
  memcached.pause()
  expect(await problemOf(memcached.port, { timeout: 100 })).toBe('It is connected, but did not answer within 100 ms.')
  expect(await problemOf(await freePort())).toBe('The connection failed (ECONNREFUSED).')
  expect(await problemOf(11_211, { host: 'no-such-host.invalid' })).toMatch(/^The connection failed \((ENOTFOUND|EAI_AGAIN)\)\.$/)
})

test('a memcached without the text protocol, and a server that is none, are errors', async () => {
  const { port } = await memcachedWith(undefined, { user: { name: 'app', password: 'the secret' } })
  expect(await problemOf(port, { timeout: 100 })).toBe('It is connected, but did not answer within 100 ms.')
  const web = await listen(createHttpServer())
  onTestFinished(() => web.close())
  expect(await problemOf(Number(new URL(web.url).port))).toBe('The cluster configuration cannot be read: the reply is none of memcached.')
})

test('by TLS, with the authority that signed the certificate', async () => {
  const certificate = await makeCertificate()
  onTestFinished(() => certificate.close())
  const { port } = await memcachedWith(text, { tls: certificate })
  for (const host of ['127.0.0.1', 'localhost']) expect(await ask(port, { host, tls: { ca: certificate.ca } })).toEqual(config)
  expect(await problemOf(port, { tls: {} })).toBe('The connection failed (DEPTH_ZERO_SELF_SIGNED_CERT).')
  const named = { ca: certificate.ca, servername: 'other.example' }
  expect(await problemOf(port, { tls: named })).toBe('The connection failed (ERR_TLS_CERT_ALTNAME_INVALID).')
  expect(await problemOf(port)).toMatch(closed)
})

test('it ends at once when the store is closed', async () => {
  const memcached = await memcachedWith(text)
  memcached.pause()
  const closing = new AbortController()
  const problem = problemOf(memcached.port, { signal: closing.signal, timeout: 60_000 })
  closing.abort()
  expect(await problem).toBe('The store is being closed.')
  expect(await problemOf(memcached.port, { signal: closing.signal })).toBe('The store is being closed.')
})

// ElastiCache cannot be started here, and no other memcached knows `config get cluster`: these few lines answer as its documentation says.
async function startElastiCache(answer: (socket: Socket) => Promise<void>): Promise<number> {
  const server = createServer((socket) => {
    socket
      .on('error', () => {})
      .on('data', (asked) => {
        expect(asked.toString()).toBe('config get cluster\r\n')
        void answer(socket)
      })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

const reply = `CONFIG cluster 0 ${text.length}\r\n${text}\r\nEND\r\n`

test('ElastiCache answers the command, in whatever pieces', async () => {
  for (const size of [reply.length, 40, 7, 1]) {
    const port = await startElastiCache(async (socket) => {
      for (let at = 0; at < reply.length; at += size) {
        socket.write(reply.slice(at, at + size))
        await new Promise((resolve) => setImmediate(resolve))
      }
    })
    expect(await ask(port)).toEqual(config)
  }
})

test('what says more than it announced is not believed', async () => {
  const port = await startElastiCache(async (socket) => void socket.write(reply.replace(`${text.length}\r\n`, `${text.length - 1}\r\n`)))
  expect(await problemOf(port)).toBe('The cluster configuration cannot be read: it has another length than it says.')
})
