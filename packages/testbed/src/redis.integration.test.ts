import { existsSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { startRedis } from './redis.ts'
import type { RedisOptions, RedisServer } from './redis.ts'

const started: RedisServer[] = []
afterEach(() => Promise.all(started.splice(0).map((redis) => redis.close())))

async function redisFor(options?: RedisOptions): Promise<RedisServer> {
  const redis = await startRedis(options)
  started.push(redis)
  return redis
}

describe('startRedis', () => {
  test('answers commands, in every kind of reply', async () => {
    const redis = await redisFor()
    expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}`)
    expect(await redis.command('SET', 'key', 'välue\r\n')).toBe('OK')
    expect(await redis.command('GET', 'key')).toBe('välue\r\n')
    expect(await redis.command('GET', 'nothing')).toBeNull()
    expect(await redis.command('INCRBY', 'count', 3)).toBe(3)
    expect(await redis.command('MGET', 'count', 'nothing')).toEqual(['3', null])
    await expect(redis.command('INCR', 'key')).rejects.toThrow('not an integer')
  })

  test('two at once keep apart', async () => {
    const [one, other] = await Promise.all([redisFor(), redisFor()])
    await one.command('SET', 'key', 'one')
    expect(await other.command('GET', 'key')).toBeNull()
  })

  test('takes further arguments', async () => {
    const redis = await redisFor({ args: ['--maxmemory', '7mb'] })
    expect(await redis.command('CONFIG', 'GET', 'maxmemory')).toEqual(['maxmemory', String(7 * 1024 * 1024)])
  })

  test('comes back empty on the same port', async () => {
    const redis = await redisFor()
    const { pid, port } = redis
    await redis.command('SET', 'key', 'value')
    await redis.kill()
    expect(redis.running).toBe(false)
    await expect(redis.command('PING')).rejects.toThrow('ECONNREFUSED')
    await redis.restart()
    expect(redis.port).toBe(port)
    expect(redis.pid).not.toBe(pid)
    expect(await redis.command('GET', 'key')).toBeNull()
  })

  test('with appendonly, what it acknowledged survives a kill', async () => {
    const redis = await redisFor({ appendonly: true })
    await redis.command('SET', 'key', 'value')
    await redis.kill()
    await redis.restart()
    expect(await redis.command('GET', 'key')).toBe('value')
  })

  test('paused, it answers nothing; resumed, it answers what it was asked meanwhile', async () => {
    const redis = await redisFor()
    redis.pause()
    let answered = false
    const answer = redis.command('PING').finally(() => (answered = true))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(answered).toBe(false)
    redis.resume()
    expect(await answer).toBe('PONG')
  })

  test('can be stopped while it is paused', async () => {
    const redis = await redisFor()
    redis.pause()
    await redis.stop()
    expect(redis.running).toBe(false)
  })

  test('closed, it leaves neither a process nor a folder', async () => {
    const redis = await startRedis({ appendonly: true })
    const [, folder] = (await redis.command('CONFIG', 'GET', 'dir')) as [string, string]
    expect(existsSync(folder)).toBe(true)
    await redis.close()
    await redis.close()
    expect(existsSync(folder)).toBe(false)
    expect(() => process.kill(redis.pid, 0)).toThrow('ESRCH')
  })

  test('says why it could not start, and leaves no folder', async () => {
    const folders = mkdtempSync(join(tmpdir(), 'holdfast-test-'))
    vi.stubEnv('TMPDIR', folders)
    await expect(startRedis({ args: ['--no-such-option', 'yes'] })).rejects.toThrow(/ended at once[^]*no-such-option/)

    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as AddressInfo
    await expect(startRedis({ port })).rejects.toThrow(/Address already in use/)
    taken.close()

    expect(readdirSync(folders)).toEqual([])
    vi.unstubAllEnvs()
    rmdirSync(folders)
  })
})
