import { existsSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { TestContext } from 'vitest'
import { startRedis, startSentinels } from './index.ts'
import type { RedisServer, Sentinels, SentinelsOptions } from './index.ts'

async function groupFor(finished: TestContext['onTestFinished'], options?: SentinelsOptions): Promise<Sentinels> {
  const group = await startSentinels(options)
  finished(() => group.close())
  return group
}

const waiting = { timeout: 15_000, interval: 20 }

describe('startRedis', () => {
  test.each([
    ['server', (primary: RedisServer) => primary],
    ['URL', (primary: RedisServer) => primary.url],
  ])('follows another one, given as a %s, and does so again when restarted', async (_, given) => {
    const primary = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] })
    onTestFinished(() => primary.close())
    await primary.command('SET', 'key', 'value')
    const replica = await startRedis({ replicaOf: given(primary) })
    onTestFinished(() => replica.close())
    await vi.waitFor(async () => expect(await replica.command('GET', 'key')).toBe('value'), waiting)
    await expect(replica.command('SET', 'key', 'other')).rejects.toThrow('READONLY')
    await replica.restart()
    await vi.waitFor(async () => expect(await replica.command('GET', 'key')).toBe('value'), waiting)
  })
})

describe('startSentinels', { timeout: 60_000 }, () => {
  test.concurrent('replaces a killed primary, which comes back as a replica', async ({ expect, onTestFinished: finished }) => {
    const group = await groupFor(finished)
    expect(group.name).toBe('holdfast')
    expect(group.sentinels).toHaveLength(3)
    const first = await group.primary()
    const others = await group.replicas()
    expect(others).toEqual(group.nodes.filter((node) => node !== first))
    await first.command('SET', 'key', 'value')
    expect(await first.command('WAIT', 2, 0)).toBe(2)

    await first.kill()
    const second = await group.failedOver(first)
    expect(others).toContain(second)
    expect(await second.command('SET', 'key', 'changed')).toBe('OK')
    await group.settled()
    expect(await group.primary()).toBe(second)
    expect(await group.replicas()).toEqual(others.filter((node) => node !== second))

    await hurry(group)
    await first.restart()
    await group.settled()
    expect(await first.command('GET', 'key')).toBe('changed')
    expect(await group.replicas()).toHaveLength(2)
  })

  test.concurrent('replaces a paused primary, which becomes a replica once resumed', async ({ expect, onTestFinished: finished }) => {
    const group = await groupFor(finished)
    const first = await group.primary()
    first.pause()
    const second = await group.failedOver(first)
    expect(await second.command('SET', 'key', 'value')).toBe('OK')

    await hurry(group)
    first.resume()
    await group.settled()
    expect(await group.primary()).toBe(second)
    expect(await first.command('GET', 'key')).toBe('value')

    // Whom it follows is in its configuration, as it would be on a machine that starts again.
    await first.restart()
    const [role, , port] = (await first.command('ROLE')) as [string, string, number]
    expect([role, port]).toEqual(['slave', second.port])
  })

  test.concurrent('tells what the Sentinels that are left say', async ({ expect, onTestFinished: finished }) => {
    const group = await groupFor(finished, { downAfter: 30_000 })
    const [one, other] = group.sentinels as [RedisServer, RedisServer]
    await one.kill()
    await other.kill()
    expect(await group.primary()).toBe(group.nodes[0])
    await one.restart()
    await other.restart()
    await group.settled()
    await Promise.all(group.sentinels.map((sentinel) => sentinel.kill()))
    await expect(group.primary()).rejects.toThrow('no Sentinel answers')
  })

  test('closed, it leaves neither a process nor a folder', async () => {
    const group = await startSentinels({ replicas: 1, sentinels: 1, name: 'shop', args: ['--maxmemory', '7mb'] })
    const servers = [...group.nodes, ...group.sentinels]
    expect(servers).toHaveLength(3)
    for (const node of group.nodes) expect(await node.command('CONFIG', 'GET', 'maxmemory')).toEqual(['maxmemory', '7340032'])
    const [, folder] = (await group.nodes[0]!.command('CONFIG', 'GET', 'dir')) as [string, string]
    servers[1]!.pause()
    await group.close()
    await group.close()
    expect(existsSync(folder)).toBe(false)
    for (const { pid } of servers) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })

  test('says why it could not start, and leaves no folder', async () => {
    const folders = mkdtempSync(join(tmpdir(), 'holdfast-test-'))
    vi.stubEnv('TMPDIR', folders)
    await expect(startSentinels({ args: ['--no-such-option', 'yes'] })).rejects.toThrow(/ended at once[^]*no-such-option/)
    await expect(startSentinels({ name: 'not a name' })).rejects.toThrow(/ended at once[^]*sentinel/)
    expect(readdirSync(folders)).toEqual([])
    vi.unstubAllEnvs()
    rmdirSync(folders)
  })
})

/** Has the Sentinels look at the nodes often: with their usual periods they correct a former primary's role some ten seconds late. */
async function hurry(group: Sentinels): Promise<void> {
  const periods = ['INFO-PERIOD', 100, 'PUBLISH-PERIOD', 100] as const
  await Promise.all(group.sentinels.map((sentinel) => sentinel.command('SENTINEL', 'DEBUG', ...periods)))
}
