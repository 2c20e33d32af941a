import { existsSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { makeCertificate } from './certificate.ts'
import { memcachedExchange } from './memcached-command.ts'
import { startMemcached } from './memcached.ts'
import type { MemcachedOptions, MemcachedServer } from './memcached.ts'

const started: { close(): Promise<void> }[] = []
afterEach(async () => void (await Promise.all(started.splice(0).map((server) => server.close()))))

async function memcachedFor(options?: MemcachedOptions): Promise<MemcachedServer> {
  const memcached = await startMemcached(options)
  started.push(memcached)
  return memcached
}

/** The status that the binary protocol answers to this user and password. */
async function signIn({ port }: MemcachedServer, name: string, password: string): Promise<string> {
  const body = Buffer.from(`PLAIN\0${name}\0${password}`)
  const request = Buffer.concat([Buffer.alloc(24), body])
  request.set([0x80, 0x21, 0, 'PLAIN'.length])
  request.writeUInt32BE(body.length, 8)
  return memcachedExchange({ port }, request, (received) => (received.length >= 24 ? received.slice(24) : undefined))
}

describe('startMemcached', () => {
  test('answers commands of the text protocol, and gives its statistics', async () => {
    const memcached = await memcachedFor()
    expect(memcached.address).toBe(`127.0.0.1:${memcached.port}`)
    expect(await memcached.command('set key 0 0 8', 'välue\r\n')).toBe('STORED')
    expect(await memcached.command('get key')).toBe('VALUE key 0 8\r\nvälue\r\n\r\nEND')
    expect(await memcached.command('get nothing')).toBe('END')
    await expect(memcached.command('config get cluster')).rejects.toThrow('ERROR')
    expect(await memcached.stats()).toMatchObject({ curr_items: '1', pid: String(memcached.pid) })
    expect(await memcached.stats('slabs')).toHaveProperty('active_slabs')
  })

  test('two at once keep apart', async () => {
    const [one, other] = await Promise.all([memcachedFor(), memcachedFor()])
    await one.command('set key 0 0 3', 'one')
    expect(await other.command('get key')).toBe('END')
  })

  test('takes further arguments, and the memory it may use', async () => {
    const memcached = await memcachedFor({ memoryMegabytes: 7, args: ['-I', '2m'] })
    expect(await memcached.stats('settings')).toMatchObject({ maxbytes: String(7 * 1024 * 1024), item_size_max: String(2 * 1024 * 1024) })
  })

  test('comes back empty on the same port', async () => {
    const memcached = await memcachedFor()
    const { pid, port } = memcached
    await memcached.command('set key 0 0 5', 'value')
    await memcached.kill()
    expect(memcached.running).toBe(false)
    await expect(memcached.command('version')).rejects.toThrow('ECONNREFUSED')
    await memcached.restart()
    expect(memcached.port).toBe(port)
    expect(memcached.pid).not.toBe(pid)
    expect(await memcached.command('get key')).toBe('END')
  })

  test('paused, it answers nothing; resumed, it answers what it was asked meanwhile', async () => {
    const memcached = await memcachedFor()
    memcached.pause()
    let answered = false
    const answer = memcached.command('get key').finally(() => (answered = true))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(answered).toBe(false)
    memcached.resume()
    expect(await answer).toBe('END')
  })

  test('can be stopped while it is paused', async () => {
    const memcached = await memcachedFor()
    memcached.pause()
    await memcached.stop()
    expect(memcached.running).toBe(false)
  })

  test('with a certificate it speaks TLS, and nothing else', async () => {
    const certificate = await makeCertificate()
    started.push(certificate)
    const memcached = await memcachedFor({ tls: certificate })
    expect(await memcached.command('set key 0 0 5', 'value')).toBe('STORED')
    await expect(memcachedExchange({ port: memcached.port }, Buffer.from('version\r\n'), (received) => received)).rejects.toThrow(
      'memcached on port',
    )
  })

  test('with a user it takes this name and this password, and no other, also after a restart', async () => {
    const memcached = await memcachedFor({ user: { name: 'app', password: 'the secret' } })
    expect(await signIn(memcached, 'app', 'the secret')).toBe('Authenticated')
    expect(await signIn(memcached, 'app', 'a guess')).toBe('Auth failure.')
    expect(await signIn(memcached, 'other', 'the secret')).toBe('Auth failure.')
    await memcached.restart()
    expect(await signIn(memcached, 'app', 'the secret')).toBe('Authenticated')
  })

  test('closed, it leaves neither a process nor a folder', async () => {
    const folders = mkdtempSync(join(tmpdir(), 'holdfast-test-'))
    vi.stubEnv('TMPDIR', folders)
    const memcached = await startMemcached({ user: { name: 'app', password: 'the secret' } })
    expect(readdirSync(folders)).toHaveLength(1)
    await memcached.close()
    await memcached.close()
    expect(readdirSync(folders)).toEqual([])
    expect(() => process.kill(memcached.pid, 0)).toThrow('ESRCH')

    await expect(startMemcached({ args: ['--no-such-option'] })).rejects.toThrow(/ended at once[^]*no-such-option/)
    expect(readdirSync(folders)).toEqual([])
    vi.unstubAllEnvs()
    rmdirSync(folders)
    expect(existsSync(folders)).toBe(false)
  })
})
