import { joinCluster, startClusterNode, startFaultProxy, startSentinels, type FaultProxy, type RedisServer } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import type { SessionStore } from '../../record/store.ts'
import { anyKey } from '../../testing/any-record.ts'
import { redisStore } from './redis-store.ts'
import { slotOf } from './topology/key-slot.ts'

/** Sockets that keep the process alive. */
function held(): string[] {
  return process.getActiveResourcesInfo().filter((resource) => /TCP|Connect/i.test(resource))
}

/** Closes a store while an answer with these words is under way to it. */
async function closedDuring(words: string, proxy: FaultProxy, store: SessionStore, key = anyKey()): Promise<void> {
  const closed = new Promise<void>((resolve, reject) => {
    proxy.onReply((reply) => {
      if (reply.includes(words)) store.close?.().then(resolve, reject)
      return 'pass'
    })
  })
  const read = store.get(key).catch(({ code }: { code: string }) => code)
  await closed
  expect(await read).toBe('ERR_UNAVAILABLE')
  await proxy.close()
  await expect.poll(held, { timeout: 5_000 }).toEqual([])
}

test('what a Sentinel names while the store is being closed is not connected to', async () => {
  const group = await startSentinels({ replicas: 1, sentinels: 1 })
  onTestFinished(() => group.close())
  const proxy = await startFaultProxy(group.sentinels[0]!)
  await closedDuring('config-epoch', proxy, redisStore({ sentinels: [proxy.url()], name: group.name }))
})

async function startNode(): Promise<RedisServer> {
  const node = await startClusterNode()
  onTestFinished(() => node.close())
  return node
}

async function startNodeWithSlots(): Promise<RedisServer> {
  const node = await startNode()
  await node.command('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383)
  await expect.poll(async () => node.command('CLUSTER', 'INFO'), { timeout: 15_000 }).toContain('cluster_state:ok')
  return node
}

test('nor what a node of a Cluster names', async () => {
  const proxy = await startFaultProxy(await startNodeWithSlots())
  await closedDuring('myself', proxy, redisStore({ cluster: [proxy.url()] }))
})

test('nor where one redirects to', async () => {
  const [from, to] = [await startNodeWithSlots(), await startNode()]
  await joinCluster(to, from)
  const proxy = await startFaultProxy(from)
  const store = redisStore({ cluster: [proxy.url()], nat: { [`127.0.0.1:${from.port}`]: `127.0.0.1:${proxy.port}` } })
  const key = anyKey()
  expect(await store.get(key)).toBeNull()
  const id = String(await to.command('CLUSTER', 'MYID'))
  for (const node of [to, from]) await node.command('CLUSTER', 'SETSLOT', slotOf(`holdfast:${key}`), 'NODE', id)
  await closedDuring('MOVED', proxy, store, key)
})
