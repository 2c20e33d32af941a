import { createServer, type AddressInfo } from 'node:net'
import { startFaultProxy, startMemcached, startRedis, type FaultProxy, type MemcachedServer } from '@holdfast/testbed'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { anyKey } from '../../../testing/any-record.ts'
import { deferred } from '../../../testing/deferred.ts'
import { failureOf } from '../../../testing/failure-of.ts'
import { openConnection, type Connection, type ConnectionOptions } from './connection.ts'
import { bareQuestion, opcodes, storing } from './questions.ts'

let memcached: MemcachedServer
let proxy: FaultProxy
beforeAll(async () => {
  memcached = await startMemcached()
  proxy = await startFaultProxy(memcached)
})
afterAll(async () => {
  await proxy.close()
  await memcached.close()
})

interface Ended {
  readonly problem: string
  readonly isRefusal: boolean
}

/** A connection, and how it ended. */
function connectTo(port: number, options: Partial<ConnectionOptions> = {}): { ready: Promise<Connection>; ended: Promise<Ended> } {
  const ready = deferred<Connection>()
  const ended = deferred<Ended>()
  const connection = openConnection({
    place: { host: '127.0.0.1', port },
    tls: undefined,
    user: undefined,
    longestBody: 1024 * 1024,
    ready: ready.resolve,
    ended: (_, problem, isRefusal) => ended.resolve({ problem, isRefusal }),
    ...options,
  })
  onTestFinished(() => connection.end('the test is over'))
  return { ready: ready.promise, ended: ended.promise }
}

const read = (key: string) => bareQuestion(opcodes.getk, key)

test('the numbers of questions begin anew before they reach 2^31, and each reply finds its own', async () => {
  const connection = await connectTo(memcached.port, { firstSequence: 2 ** 31 - 3 }).ready
  const keys = Array.from({ length: 20 }, anyKey)
  await Promise.all(keys.map((key) => connection.ask(storing(key, Buffer.from(`of ${key}`), 60, undefined))))
  const answers = await Promise.all(keys.map((key) => connection.ask(read(key))))
  expect(answers.map(({ value }) => value.toString())).toEqual(keys.map((key) => `of ${key}`))
})

test('questions of one turn leave in one segment, and their replies are told apart when they come in one', async () => {
  const chunks: number[] = []
  proxy.onReply((chunk) => (chunks.push(chunk.length), 'pass'))
  onTestFinished(() => proxy.heal())
  const connection = await connectTo(proxy.port).ready
  const [one, other] = [anyKey(), anyKey()]
  await connection.ask(storing(one, Buffer.from('one'), 60, undefined))
  chunks.length = 0
  const answers = await Promise.all([connection.ask(read(one)), connection.ask(read(other))])
  expect(answers.map(({ status, value }) => [status, value.toString()])).toEqual([
    [0, 'one'],
    [1, ''],
  ])
  // memcached answers what came together in one write, too.
  expect(chunks).toEqual([24 + 4 + 43 + 3 + 24 + 43])
})

test('replies that come byte by byte are put together', async () => {
  const connection = await connectTo(proxy.port).ready
  onTestFinished(() => proxy.heal())
  const key = anyKey()
  await connection.ask(storing(key, Buffer.alloc(40, 'v'), 60, undefined))
  proxy.throttle(2_000)
  expect((await connection.ask(read(key))).value.toString()).toBe('v'.repeat(40))
})

test('a reply that is lost on the way shifts none of the others: the connection ends, with all that is owed', async () => {
  const { ready, ended } = connectTo(proxy.port)
  const connection = await ready
  proxy.swallowReplies(1)
  onTestFinished(() => proxy.heal())
  const lost = failureOf(connection.ask(read(anyKey())))
  await expect.poll(() => proxy.counts.discarded).toBe(1)
  await Promise.all([
    expect(lost).resolves.toMatchObject({ message: expect.stringContaining('lost') }),
    expect(connection.ask(read(anyKey()))).rejects.toThrow('lost'),
    expect(ended).resolves.toMatchObject({ problem: expect.stringContaining('no reply') }),
  ])
  await expect(connection.ask(read(anyKey()))).rejects.toThrow('over')
})

test('what is no memcached is found out by its first bytes: Redis, and a server that greets by itself', async () => {
  const redis = await startRedis()
  onTestFinished(() => redis.close())
  const greeting = createServer((socket) => void socket.on('error', () => {}).write('220 mail.example ESMTP\r\n')).listen(0, '127.0.0.1')
  await new Promise((resolve) => greeting.once('listening', resolve))
  onTestFinished(() => void greeting.close())
  expect(await connectTo((greeting.address() as AddressInfo).port).ended).toMatchObject({ problem: expect.stringContaining('no reply') })
  // Redis waits for the rest of a command.
  expect((await connectTo(redis.port).ended).problem).toMatch(/ETIMEDOUT|no reply|the connection was lost/)
})

test('a reply that says to be longer than any can be is not waited for', async () => {
  const { ready, ended } = connectTo(memcached.port, { longestBody: 1_000 })
  const connection = await ready
  const key = anyKey()
  await connection.ask(storing(key, Buffer.alloc(500_000), 60, undefined))
  await expect(connection.ask(read(key))).rejects.toThrow('lost')
  expect((await ended).problem).toContain('no reply')
})

test('a server that takes connections and answers nothing is given up', async () => {
  const stopped = await startMemcached()
  onTestFinished(() => stopped.close())
  stopped.pause()
  expect(await connectTo(stopped.port).ended).toEqual({ problem: 'ETIMEDOUT', isRefusal: false })
})
