import { startFaultProxy, startRedis, type FaultProxy } from '@holdfast/testbed'
import type { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { deferred } from '../../../testing/deferred.ts'
import { confirmingLinks, type ConfirmingLinks } from './confirming-links.ts'
import { openLink, type Link } from './link.ts'

async function started(): Promise<{ links: ConfirmingLinks; proxy: FaultProxy }> {
  const redis = await startRedis()
  const proxy = await startFaultProxy(redis)
  const address = { host: '127.0.0.1', port: proxy.port, db: 0 }
  const credentials = { username: undefined, password: () => undefined }
  const links = confirmingLinks((changed) =>
    openLink({ address, credentials, where: 'Redis at the proxy', greet: async () => undefined, changed }),
  )
  onTestFinished(async () => {
    await links.close()
    await proxy.close()
    await redis.close()
  })
  return { links, proxy }
}

test('a connection is made when the first call wants one, and kept for the next', async () => {
  const { links, proxy } = await started()
  expect(proxy.counts.connections).toBe(0)
  for (let call = 0; call < 5; call += 1) expect(await links.use(undefined, ({ client }) => client.ping())).toBe('PONG')
  expect(proxy.counts.connections).toBe(1)
})

test('one call at a time has a connection, four are made at most, and the other calls wait', async () => {
  const { links, proxy } = await started()
  const taken = new Set<Link<Redis>>()
  const go = deferred<void>()
  let most = 0
  const calls = Array.from({ length: 20 }, () =>
    links.use(undefined, async (link) => {
      expect(taken.has(link)).toBe(false)
      taken.add(link)
      most = Math.max(most, taken.size)
      if (most === 4) go.resolve()
      await go.promise
      await link.client.ping()
      taken.delete(link)
    }),
  )
  await Promise.all(calls)
  expect([most, proxy.counts.connections]).toEqual([4, 4])
})

test('what a call rejects with is passed on, and its connection is free again', async () => {
  const { links } = await started()
  for (let call = 0; call < 8; call += 1) {
    await expect(links.use(undefined, () => Promise.reject(new Error('of the call')))).rejects.toThrow('of the call')
  }
  expect(await links.use(undefined, ({ client }) => client.ping())).toBe('PONG')
})

test('without a connection a call gives up with its signal, and says why', async () => {
  const { links, proxy } = await started()
  proxy.refuse()
  const call = links.use({ signal: AbortSignal.timeout(200) }, ({ client }) => client.ping())
  await expect(call).rejects.toMatchObject({
    code: 'ERR_UNAVAILABLE',
    message: expect.stringContaining('Redis at the proxy did not take a change in time (ECONNREFUSED)'),
  })
  await proxy.accept()
  expect(await links.use(undefined, ({ client }) => client.ping())).toBe('PONG')
})

test('a connection that was lost is made again', async () => {
  const { links, proxy } = await started()
  await links.use(undefined, ({ client }) => client.ping())
  proxy.cut()
  expect(await links.use(undefined, ({ client }) => client.ping()).catch(() => links.use(undefined, ({ client }) => client.ping()))).toBe(
    'PONG',
  )
})
