import { existsSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startRedisCluster } from './redis-cluster.ts'
import type { RedisCluster } from './redis-cluster.ts'

// One cluster for all of them: a failover leaves it as whole as it was.
describe('startRedisCluster', () => {
  let cluster: RedisCluster
  beforeAll(async () => {
    cluster = await startRedisCluster()
  })
  afterAll(() => cluster.close())

  test('has three shards of a primary and a replica, which share the slots', async () => {
    const shards = await cluster.shards()
    expect(shards.map(({ primary }) => primary)).toEqual(cluster.nodes.slice(0, 3))
    expect(shards.map(({ replicas }) => replicas)).toEqual(cluster.nodes.slice(3).map((node) => [node]))
    expect(shards.map(({ slots }) => slots)).toEqual([[[0, 5460]], [[5461, 10_922]], [[10_923, 16_383]]])
    expect(cluster.urls).toEqual(cluster.nodes.map(({ port }) => `redis://127.0.0.1:${port}`))
  })

  test('a key is taken by its shard, and the others name that', async () => {
    for (const key of await aKeyPerShard(cluster)) {
      const { primary } = await cluster.shardOf(key)
      expect(await primary.command('SET', key, 'value')).toBe('OK')
      const slot = String(await primary.command('CLUSTER', 'KEYSLOT', key))
      for (const node of cluster.nodes.filter((other) => other !== primary)) {
        await expect(node.command('GET', key)).rejects.toThrow(`MOVED ${slot} 127.0.0.1:${primary.port}`)
      }
    }
  })

  test('a primary that is killed: its replica takes over with its keys, while the other shards answer', async () => {
    const [lost, ...others] = await aKeyPerShard(cluster)
    const { primary, replicas } = await cluster.shardOf(lost!)
    await primary.command('SET', lost!, 'replicated')
    const [, written] = (await primary.command('ROLE')) as [string, number]
    const replicated = async () => Number(((await replicas[0]!.command('ROLE')) as unknown[])[4])
    await expect.poll(replicated, { timeout: 15_000 }).toBeGreaterThanOrEqual(written)

    await primary.kill()
    const failover = cluster.failedOver(primary)
    for (let over = false; !over;) {
      for (const key of others) {
        const shard = await cluster.shardOf(key)
        expect(await shard.primary.command('SET', key, 'meanwhile')).toBe('OK')
      }
      over = await Promise.race([failover.then(() => true), new Promise<false>((resolve) => setTimeout(resolve, 20, false))])
    }
    const promoted = await failover
    expect(promoted).toBe(replicas[0])
    expect(await promoted.command('GET', lost!)).toBe('replicated')
    expect(await promoted.command('SET', lost!, 'changed')).toBe('OK')

    await primary.restart()
    await cluster.settled()
    expect(await cluster.shardOf(lost!)).toMatchObject({ primary: promoted, replicas: [primary] })
  })

  test('a primary that is paused: its replica takes over, and resumed it follows', async () => {
    const key = (await aKeyPerShard(cluster))[1]!
    const { primary, replicas } = await cluster.shardOf(key)
    primary.pause()
    const promoted = await cluster.failedOver(primary)
    expect(promoted).toBe(replicas[0])
    expect(await promoted.command('SET', key, 'changed')).toBe('OK')
    primary.resume()
    await cluster.settled()
    expect(await cluster.shardOf(key)).toMatchObject({ primary: promoted, replicas: [primary] })
    await expect(primary.command('SET', key, 'stale')).rejects.toThrow(`127.0.0.1:${promoted.port}`)
  })

  test('closed, it leaves neither a process nor a folder', async () => {
    const { nodes } = cluster
    const folders = await Promise.all(nodes.map(async (node) => ((await node.command('CONFIG', 'GET', 'dir')) as [string, string])[1]))
    expect(folders.map((folder) => existsSync(join(folder, 'nodes.conf')))).toEqual(nodes.map(() => true))
    await cluster.close()
    await cluster.close()
    expect(folders.filter((folder) => existsSync(folder))).toEqual([])
    for (const { pid } of nodes) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})

test('with full coverage, all shards refuse their keys while one has no primary', async () => {
  const cluster = await startRedisCluster({ replicasPerShard: 0, nodeTimeout: 500, fullCoverage: true })
  try {
    const [lost, other] = (await aKeyPerShard(cluster)) as [string, string]
    const [{ primary: killed }, { primary: left }] = [await cluster.shardOf(lost), await cluster.shardOf(other)]
    expect(await left.command('SET', other, 'before')).toBe('OK')
    await killed.kill()
    const refusal = () => left.command('GET', other).then(String, String)
    await expect.poll(refusal, { timeout: 15_000 }).toContain('CLUSTERDOWN')
  } finally {
    await cluster.close()
  }
})

test('a cluster that cannot start says why, and leaves no folder', async () => {
  const folders = mkdtempSync(join(tmpdir(), 'holdfast-test-'))
  vi.stubEnv('TMPDIR', folders)
  await expect(startRedisCluster({ args: ['--no-such-option', 'yes'] })).rejects.toThrow(/ended at once[^]*no-such-option/)
  expect(readdirSync(folders)).toEqual([])
  vi.unstubAllEnvs()
  rmdirSync(folders)
})

/** A key for each of the shards, in their order. */
async function aKeyPerShard(cluster: RedisCluster): Promise<readonly string[]> {
  const keys = new Map<unknown, string>()
  const shards = await cluster.shards()
  for (let at = 0; keys.size < shards.length; at++) {
    const { primary } = await cluster.shardOf(`key-${at}`)
    if (!keys.has(primary)) keys.set(primary, `key-${at}`)
  }
  return shards.map(({ primary }) => keys.get(primary)!)
}
