import { joinCluster, startClusterNode, type RedisServer } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import { anyKey, anyRecord } from '../../../testing/any-record.ts'
import { redisStore } from '../redis-store.ts'

async function isOk(node: RedisServer): Promise<void> {
  await expect.poll(async () => node.command('CLUSTER', 'INFO'), { timeout: 15_000 }).toContain('cluster_state:ok')
}

test('a Cluster that is made anew counts its epochs anew, and is followed to who has the slots now', { timeout: 60_000 }, async () => {
  const [former, node] = (await Promise.all([startClusterNode(), startClusterNode()])) as [RedisServer, RedisServer]
  onTestFinished(async () => {
    await Promise.all([former.close(), node.close()])
  })
  await former.command('CLUSTER', 'SET-CONFIG-EPOCH', 5)
  await former.command('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383)
  await isOk(former)
  await joinCluster(node, former)
  const store = redisStore({ cluster: [former.url, node.url] })
  onTestFinished(() => store.close?.())
  expect(await store.put(anyKey(), anyRecord(), { expected: null })).toEqual({ stored: true })

  await former.kill()
  await node.command('CLUSTER', 'RESET', 'HARD')
  await node.command('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383)
  await isOk(node)
  expect(String(await node.command('CLUSTER', 'NODES'))).not.toContain(String(former.port))
  await expect.poll(() => store.put(anyKey(), anyRecord(), { expected: null }).catch(String), { timeout: 40_000 }).toEqual({ stored: true })
})
