import { startFaultProxy, startReplicatedRedis, type FaultProxy, type RedisServer } from '@holdfast/testbed'
import type { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import type { PutResult } from '../../../record/store.ts'
import { confirmingLinks, type ConfirmingLinks } from './confirming-links.ts'
import { openLink, ownClients } from './link.ts'

interface Started {
  readonly links: ConfirmingLinks
  readonly proxy: FaultProxy
  readonly primary: RedisServer
  readonly replica: RedisServer
}

async function started(): Promise<Started> {
  const servers = await startReplicatedRedis({ replicas: 1 })
  const { primary } = servers
  const proxy = await startFaultProxy(primary)
  const make = ownClients({ host: '127.0.0.1', port: proxy.port, db: 0 }, { username: undefined, password: () => undefined })
  const links = confirmingLinks((changed) => openLink({ make, where: 'Redis at the proxy', greet: async () => undefined, changed }))
  onTestFinished(async () => {
    await links.release()
    await proxy.close()
    await servers.close()
  })
  return { links, proxy, primary, replica: servers.replicas[0]! }
}

const stored: PutResult = { stored: true }
const one = { replicas: 1, within: 5_000 }
const increment = async (client: Redis): Promise<PutResult> => {
  await client.incr('changes')
  return stored
}

test('a connection is made when the first change wants one, and kept for the next; what it tells is on the replica', async () => {
  const { links, proxy, replica } = await started()
  expect(proxy.counts.connections).toBe(0)
  for (let change = 1; change <= 50; change += 1) {
    expect(await links.confirm({ ...one, put: increment }, undefined)).toEqual({ result: stored, replicas: 1 })
    expect(await replica.command('GET', 'changes')).toBe(String(change))
  }
  expect(proxy.counts.connections).toBe(1)
})

test('changes that come meanwhile wait together: four connections at most, and far fewer waits than changes', async () => {
  const { links, proxy, primary } = await started()
  await primary.command('CONFIG', 'RESETSTAT')
  const changes = Array.from({ length: 500 }, () => links.confirm({ ...one, put: increment }, undefined))
  expect(new Set((await Promise.all(changes)).map(({ replicas }) => replicas))).toEqual(new Set([1]))
  expect(await primary.command('GET', 'changes')).toBe('500')
  expect(proxy.counts.connections).toBeLessThanOrEqual(4)
  const waits = Number(/cmdstat_wait:calls=(\d+)/.exec(String(await primary.command('INFO', 'commandstats')))?.[1])
  expect(waits).toBeLessThan(50)
})

test('one that waits long for replicas that are not there holds up none that waits for others', async () => {
  const { links } = await started()
  await links.confirm({ ...one, put: increment }, undefined)
  const long = links.confirm({ replicas: 2, within: 3_000, put: increment }, undefined)
  const order: string[] = []
  void long.then(() => order.push('long'))
  await links.confirm({ ...one, put: increment }, undefined).then(() => order.push('short'))
  expect(await long).toEqual({ result: stored, replicas: 1 })
  expect(order).toEqual(['short', 'long'])
})

test('what a change rejects with is passed on, what is not stored waits for nobody, and the connection is free again', async () => {
  const { links } = await started()
  const fails = links.confirm({ ...one, put: () => Promise.reject(new Error('of the change')) }, undefined)
  const differs = links.confirm({ ...one, put: async () => ({ stored: false, current: null }) }, undefined)
  const passes = links.confirm({ ...one, put: increment }, undefined)
  await expect(fails).rejects.toThrow('of the change')
  expect(await differs).toEqual({ result: { stored: false, current: null }, replicas: 0 })
  expect(await passes).toEqual({ result: stored, replicas: 1 })
})

test('without a connection a change gives up with its signal, was never sent, and says why', async () => {
  const { links, proxy, primary } = await started()
  proxy.refuse()
  const change = links.confirm({ ...one, put: increment }, { signal: AbortSignal.timeout(2_000) })
  await expect(change).rejects.toMatchObject({
    code: 'ERR_UNAVAILABLE',
    message: expect.stringContaining('Redis at the proxy did not take a change in time (ECONNREFUSED)'),
  })
  await proxy.accept()
  await links.confirm({ ...one, put: increment }, undefined)
  expect(await primary.command('GET', 'changes')).toBe('1')
})

test('a connection that is lost while a change waits: it rejects, and the next has another connection', async () => {
  const { links, proxy } = await started()
  await links.confirm({ ...one, put: increment }, undefined)
  const waits = links.confirm({ replicas: 2, within: 5_000, put: increment }, undefined)
  await new Promise((resolve) => setTimeout(resolve, 50))
  proxy.cut()
  await expect(waits).rejects.toThrow('Connection is closed')
  expect(await links.confirm({ ...one, put: increment }, undefined)).toEqual({ result: stored, replicas: 1 })
})
