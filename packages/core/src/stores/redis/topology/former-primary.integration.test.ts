import { connect, type Socket } from 'node:net'
import { startRedis, startReplicatedRedis, startSentinels, type RedisServer, type Sentinels } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import { packRecord } from '../../../record/pack.ts'
import type { SessionStore } from '../../../record/store.ts'
import { anyKey, anyRecord } from '../../../testing/any-record.ts'
import { failureOf } from '../../../testing/failure-of.ts'
import { redisStore, type RedisStoreOptions } from '../redis-store.ts'

function open(options: RedisStoreOptions): SessionStore {
  const store = redisStore(options)
  onTestFinished(() => store.close?.())
  return store
}

async function sentinelsFor(options: Parameters<typeof startSentinels>[0]): Promise<{ group: Sentinels; place: RedisStoreOptions }> {
  const group = await startSentinels(options)
  onTestFinished(() => group.close())
  return { group, place: { sentinels: group.sentinels.map(({ url }) => url), name: group.name } }
}

async function connected(server: RedisServer): Promise<Socket> {
  // A server that becomes a replica cuts its clients, which is nobody's crash.
  const socket = connect({ port: server.port, host: '127.0.0.1' }).on('error', () => {})
  onTestFinished(() => void socket.destroy())
  socket.write('PING\r\n')
  await new Promise((resolve) => socket.once('data', resolve))
  return socket
}

test('a primary that hung, was replaced, and carries out a write of its own when it comes back is read by nobody', async () => {
  const { group, place } = await sentinelsFor({ replicas: 1, sentinels: 1, downAfter: 500 })
  const zombie = await group.primary()
  const others = await connected(zombie)
  const stores = [open({ ...place, readFrom: 'replica' }), open(place)]
  const [key, first] = [anyKey(), anyRecord()]
  for (const store of stores) await store.put(key, first, { expected: null, durability: { replicas: 1, withinTimeout: 5_000 } })

  zombie.pause()
  onTestFinished(() => zombie.resume())
  const ghost = anyRecord('0000000099.a', 'of a zombie')
  const bytes = Buffer.from(packRecord(ghost))
  others.write(
    Buffer.concat([
      Buffer.from(`*3\r\n$3\r\nSET\r\n$${key.length + 9}\r\nholdfast:${key}\r\n$${bytes.length}\r\n`),
      bytes,
      Buffer.from('\r\n'),
    ]),
  )
  await group.failedOver(zombie)
  const second = anyRecord(first.version)
  const [store] = stores as [SessionStore]
  expect(await store.put(key, second, { expected: first.version })).toEqual({ stored: true })

  const answer = new Promise((resolve) => others.once('data', resolve))
  // It turns a former primary into a replica after four of these, which are some ten seconds as a rule.
  await group.sentinels[0]!.command('SENTINEL', 'DEBUG', 'PUBLISH-PERIOD', 600_000)
  zombie.resume()
  expect(String(await answer)).toBe('+OK\r\n')
  expect(String(await zombie.command('GET', `holdfast:${key}`))).toContain(ghost.version)
  // One that meets it for the first time, too.
  const late = open({ ...place, readFrom: 'replica' })
  for (let call = 0; call < 300; call += 1)
    for (const each of [...stores, late]) expect(await each.get(key)).toMatchObject({ version: second.version })
  const third = anyRecord(second.version)
  expect(await late.put(key, third, { expected: second.version })).toEqual({ stored: true })
  expect(String(await zombie.command('GET', `holdfast:${key}`))).toContain(ghost.version)
})

/** Starts an empty primary in the place of this server. */
async function startBlank(server: RedisServer): Promise<void> {
  await server.close()
  const blank = await startRedis({ port: server.port })
  onTestFinished(() => blank.close())
}

async function neverEmpty(store: SessionStore, key: string): Promise<void> {
  const record = anyRecord()
  const signal = (): AbortSignal => AbortSignal.timeout(700)
  const reads = [{}, { fresh: true }, { atLeast: record.version }].flatMap((options) =>
    Array.from({ length: 20 }, () => store.get(key, { ...options, signal: signal() })),
  )
  const calls = [...reads, store.put(key, record, { expected: null, signal: signal() })]
  for (const error of await Promise.all(calls.map(failureOf))) expect(error.code).toBe('ERR_UNAVAILABLE')
}

test.each(['hedged', 'replica'] as const)(
  'the primary dies, and its replica comes back as an empty primary: that is no answer, and it is given no change (%s)',
  async (readFrom) => {
    const servers = await startReplicatedRedis({ replicas: 1 })
    onTestFinished(() => servers.close())
    const replica = servers.replicas[0] as RedisServer
    const options = { url: servers.primary.url, replicas: [replica.url], readFrom }
    const [store, key] = [open(options), anyKey()]
    await store.put(key, anyRecord(), { expected: null, durability: { replicas: 1, withinTimeout: 5_000 } })
    await Promise.all([servers.primary.kill(), startBlank(replica)])
    await Promise.all([neverEmpty(store, key), neverEmpty(open(options), key)])
  },
)

test('the same behind Sentinels that have not promoted it', async () => {
  const { group, place } = await sentinelsFor({ replicas: 1, sentinels: 1, downAfter: 30_000 })
  const [primary, replica] = group.nodes as [RedisServer, RedisServer]
  const [store, key] = [open(place), anyKey()]
  await store.put(key, anyRecord(), { expected: null, durability: { replicas: 1, withinTimeout: 5_000 } })
  await Promise.all([primary.kill(), startBlank(replica)])
  await Promise.all([neverEmpty(store, key), neverEmpty(open({ ...place, readFrom: 'replica' }), key)])
})

test('a name that the Sentinels do not know, and Sentinels that nobody reaches, are named', async () => {
  const { group, place } = await sentinelsFor({ replicas: 1, sentinels: 1 })
  const signal = (): AbortSignal => AbortSignal.timeout(3_000)
  const wrongName = await failureOf(open({ ...place, name: 'another' }).get(anyKey(), { signal: signal() }))
  expect(wrongName).toMatchObject({ code: 'ERR_UNAVAILABLE', message: expect.stringContaining('"another"') })

  const store = open({ ...place, sentinels: ['redis://127.0.0.1:1', 'redis://127.0.0.1:2'] })
  const unreachable = await failureOf(store.get(anyKey(), { signal: signal() }))
  expect(unreachable.code).toBe('ERR_UNAVAILABLE')
  expect(unreachable.message).toMatch(/127\.0\.0\.1:1: ECONNREFUSED.*127\.0\.0\.1:2: ECONNREFUSED/)

  // One of several is enough.
  const some = open({ ...place, sentinels: ['redis://127.0.0.1:1', ...group.sentinels.map(({ url }) => url)] })
  expect(await some.get(anyKey())).toBeNull()
})
