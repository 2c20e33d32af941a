import { startFaultProxy, startSentinels, type FaultProxyOptions } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import { anyKey } from '../../testing/any-record.ts'
import { redisStore, type RedisStoreOptions } from './redis-store.ts'

/** Sockets that keep the process alive. */
function held(): string[] {
  return process.getActiveResourcesInfo().filter((resource) => /TCP|Connect/i.test(resource))
}

/** A store that is closed while this server's answer with these words is under way. */
async function closedDuring(words: string, server: FaultProxyOptions, optionsFor: (url: string) => RedisStoreOptions): Promise<void> {
  const proxy = await startFaultProxy(server)
  const store = redisStore(optionsFor(proxy.url()))
  const closed = new Promise<void>((resolve, reject) => {
    proxy.onReply((reply) => {
      if (reply.includes(words)) store.close?.().then(resolve, reject)
      return 'pass'
    })
  })
  const read = store.get(anyKey()).catch(({ code }: { code: string }) => code)
  await closed
  expect(await read).toBe('ERR_UNAVAILABLE')
  await proxy.close()
  await expect.poll(held, { timeout: 5_000 }).toEqual([])
}

test('what a Sentinel names while the store is being closed is not connected to', async () => {
  const group = await startSentinels({ replicas: 1, sentinels: 1 })
  onTestFinished(() => group.close())
  await closedDuring('config-epoch', group.sentinels[0]!, (url) => ({ sentinels: [url], name: group.name }))
})
