import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { startFaultProxy } from './fault-proxy.ts'
import type { FaultProxy } from './fault-proxy.ts'
import { redisCommand } from './redis-command.ts'
import { startRedis } from './redis.ts'
import type { RedisServer } from './redis.ts'

let redis: RedisServer
let proxy: FaultProxy
const clients: Socket[] = []

beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.close())
beforeEach(async () => {
  await redis.command('FLUSHALL')
  proxy = await startFaultProxy(redis)
})
afterEach(async () => {
  for (const socket of clients.splice(0)) socket.destroy()
  await proxy.close()
})

/** One connection through the proxy: what it has received so far, and a way to wait for more. */
async function client() {
  const socket = connect({ port: proxy.port, host: '127.0.0.1' })
  clients.push(socket)
  let received = ''
  socket.setEncoding('latin1').on('data', (text: string) => (received += text))
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  await once(socket, 'connect')
  return {
    closed,
    received: () => received,
    send: (line: string) => void socket.write(`${line}\r\n`),
    leave: () => void socket.destroy(),
    async until(text: string) {
      while (received !== text) await sleep(2)
    },
  }
}

/** What the server itself knows, whatever the proxy does. */
const onServer = async (key: string) => redis.command('GET', key)

async function eventually<T>(read: () => T | Promise<T>, value: T): Promise<void> {
  while ((await read()) !== value) await sleep(2)
}

describe('startFaultProxy', () => {
  test('hands everything on, and counts', async () => {
    expect(proxy.url()).toBe(`redis://127.0.0.1:${proxy.port}`)
    const one = await client()
    one.send('SET key value')
    await one.until('+OK\r\n')
    expect(await redisCommand(proxy.port, ['GET', 'key'])).toBe('value')
    one.leave()
    await eventually(() => proxy.counts.open, 0)
    expect(proxy.counts).toEqual({
      connections: 2,
      open: 0,
      bytesToServer: 'SET key value\r\n'.length + '*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n'.length,
      bytesToClient: '+OK\r\n'.length + '$5\r\nvalue\r\n'.length,
      discarded: 0,
    })
  })

  test('leads new connections to another server, and leaves open ones where they are', async () => {
    const other = await startRedis()
    onTestFinished(() => other.close())
    await redis.command('SET', 'key', 'here')
    await other.command('SET', 'key', 'there')
    const one = await client()
    proxy.leadTo(other)
    expect(await redisCommand(proxy.port, ['GET', 'key'])).toBe('there')
    one.send('GET key')
    await one.until('$4\r\nhere\r\n')
  })

  test('hands on megabytes unchanged', async () => {
    const value = 'x'.repeat(5_000_000)
    expect(await redisCommand(proxy.port, ['SET', 'key', value])).toBe('OK')
    expect(await redisCommand(proxy.port, ['GET', 'key'])).toBe(value)
  })

  test('delays replies, in order, while requests come in time', async () => {
    const delays = [80, 0, 0]
    proxy.delay(() => delays.shift() ?? 0)
    const one = await client()
    const sent = performance.now()
    one.send('SET key value')
    await eventually(() => onServer('key'), 'value')
    one.send('INCR n')
    one.send('INCR n')
    await one.until('+OK\r\n:1\r\n:2\r\n')
    expect(performance.now() - sent).toBeGreaterThanOrEqual(80)
  })

  test('delays requests', async () => {
    proxy.delay(60, 'requests')
    const sent = performance.now()
    expect(await redisCommand(proxy.port, ['PING'])).toBe('PONG')
    expect(performance.now() - sent).toBeGreaterThanOrEqual(60)
  })

  test('stalls, and what was held flows on', async () => {
    const one = await client()
    proxy.stall()
    one.send('INCR n')
    const late = await client()
    late.send('PING')
    await sleep(30)
    expect([one.received(), late.received(), await onServer('n')]).toEqual(['', '', null])
    proxy.resume()
    await Promise.all([one.until(':1\r\n'), late.until('+PONG\r\n')])
  })

  test('stalls only open connections: each is half-open, and new ones work', async () => {
    const one = await client()
    proxy.stall('open')
    one.send('PING')
    expect(await redisCommand(proxy.port, ['PING'])).toBe('PONG')
    expect(one.received()).toBe('')
  })

  test('a stalled request reaches the server even when its client has gone', async () => {
    const one = await client()
    proxy.stall()
    one.send('INCR n')
    await sleep(10)
    one.leave()
    await one.closed
    expect(await onServer('n')).toBeNull()
    proxy.resume()
    await eventually(() => onServer('n'), '1')
    await eventually(() => proxy.counts.open, 0)
  })

  test('cuts all connections, and new ones work', async () => {
    const both = [await client(), await client()]
    proxy.cut()
    await Promise.all(both.map((one) => one.closed))
    expect(await redisCommand(proxy.port, ['PING'])).toBe('PONG')
  })

  test('cuts in the middle of a reply, once', async () => {
    await redis.command('SET', 'key', 'value')
    proxy.cutAfter('+PONG\r\n'.length + 6)
    const one = await client()
    one.send('PING')
    await one.until('+PONG\r\n')
    one.send('GET key')
    await one.closed
    expect(one.received()).toBe('+PONG\r\n$5\r\nva')
    expect(await redisCommand(proxy.port, ['GET', 'key'])).toBe('value')
  })

  test('stalls in the middle of a reply, on that connection alone', async () => {
    await redis.command('SET', 'key', 'value')
    proxy.stallAfter(6)
    const one = await client()
    one.send('GET key')
    await one.until('$5\r\nva')
    expect(await redisCommand(proxy.port, ['GET', 'key'])).toBe('value')
    expect(one.received()).toBe('$5\r\nva')
    proxy.resume()
    await one.until('$5\r\nvalue\r\n')
  })

  test('swallows so many replies while the server does what it is asked', async () => {
    proxy.swallowReplies(2)
    const one = await client()
    for (const [value, received] of [
      ['1', ''],
      ['2', ''],
      ['3', ':3\r\n'],
    ] as const) {
      one.send('INCR n')
      await eventually(() => onServer('n'), value)
      await eventually(() => proxy.counts.discarded, Math.min(Number(value), 2))
      await one.until(received)
    }
  })

  test('swallows the replies that a predicate picks', async () => {
    proxy.swallowReplies((chunk) => chunk.includes('+OK'))
    const one = await client()
    one.send('SET key value')
    await eventually(() => proxy.counts.discarded, 1)
    one.send('GET key')
    await one.until('$5\r\nvalue\r\n')
  })

  test('lets a test judge each reply: one in three is applied, and its connection cut', async () => {
    let replies = 0
    proxy.onReply(() => (++replies % 3 === 0 ? 'cut' : 'pass'))
    const answers = []
    for (let i = 0; i < 6; i++) answers.push(await redisCommand(proxy.port, ['INCR', 'n']).catch(() => 'lost'))
    expect(answers).toEqual([1, 2, 'lost', 4, 5, 'lost'])
    expect(await onServer('n')).toBe('6')
  })

  test('mutes a connection for good, and heal() cuts it', async () => {
    proxy.onReply((chunk) => (chunk.includes(':1') ? 'mute' : 'pass'))
    const one = await client()
    one.send('INCR n')
    await eventually(() => proxy.counts.discarded, 1)
    one.send('PING')
    await eventually(() => proxy.counts.discarded, 2)
    expect(one.received()).toBe('')
    await proxy.heal()
    await one.closed
    expect(await redisCommand(proxy.port, ['INCR', 'n'])).toBe(2)
  })

  test('throttles', async () => {
    await redis.command('SET', 'key', 'x'.repeat(1_000))
    proxy.throttle(10_000)
    const sent = performance.now()
    await redisCommand(proxy.port, ['GET', 'key'])
    expect(performance.now() - sent).toBeGreaterThanOrEqual(90)
  })

  test('refuses new connections, keeps open ones, and accepts again on the same port', async () => {
    const one = await client()
    proxy.refuse()
    await expect(redisCommand(proxy.port, ['PING'])).rejects.toThrow('ECONNREFUSED')
    one.send('PING')
    await one.until('+PONG\r\n')
    await proxy.accept()
    expect(await redisCommand(proxy.port, ['PING'])).toBe('PONG')
  })

  test('passes on that the server has gone', async () => {
    const one = await client()
    one.send('PING')
    await one.until('+PONG\r\n')
    await redis.restart()
    await one.closed
    expect(await redisCommand(proxy.port, ['PING'])).toBe('PONG')
  })

  test('heals from everything', async () => {
    proxy.delay(10_000)
    proxy.delay(10_000, 'requests')
    proxy.throttle(1)
    proxy.swallowReplies()
    proxy.cutAfter(1)
    proxy.stall()
    proxy.refuse()
    await proxy.heal()
    expect(await redisCommand(proxy.port, ['PING'])).toBe('PONG')
  })

  test('closed, it keeps no connection', async () => {
    const one = await client()
    proxy.stall()
    await proxy.close()
    await one.closed
    await eventually(() => proxy.counts.open, 0)
    await expect(redisCommand(proxy.port, ['PING'])).rejects.toThrow('ECONNREFUSED')
  })
})
