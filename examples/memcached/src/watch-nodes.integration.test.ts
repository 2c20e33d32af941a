import { createSessions } from '@holdfast/core'
import { memcachedStore } from '@holdfast/core/memcached'
import { startMemcached } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import { watchNodes } from './watch-nodes.ts'

test('a server that dies and is back empty is counted, with the copies that are made again', async () => {
  const servers = await Promise.all([startMemcached(), startMemcached()])
  onTestFinished(async () => void (await Promise.all(servers.map((server) => server.close()))))
  const [one, other] = servers
  const store = memcachedStore({ nodes: servers.map(({ address }) => address), copies: 2 })
  const sessions = createSessions({ store, secrets: ['only for the test of the examples'] })
  onTestFinished(() => sessions.close())

  const counts = new Map<string, number>()
  const gauges = new Map<string, number>()
  const named = (name: string, labels: object): string => [name, ...Object.values(labels)].join(' ')
  const count = (name: string, labels: object): void => void counts.set(named(name, labels), (counts.get(named(name, labels)) ?? 0) + 1)
  const gauge = (name: string, labels: object, value: number): void => void gauges.set(named(name, labels), value)
  onTestFinished(watchNodes(store, { count, gauge }, 50))

  const { cookie } = await sessions.create({})
  const load = async (): Promise<string> => (await sessions.open(cookie).load()).outcome
  const soon = { timeout: 15_000 }
  await expect.poll(() => gauges.get(`memcached_evictions ${other.address}`), soon).toBe(0)
  expect(gauges.get(`memcached_full ${other.address}`)).toBeLessThan(0.1)

  await one.kill()
  expect(await load()).toBe('live')
  await expect.poll(() => counts.get(`session_node ${one.address} down unknown`), soon).toBe(1)
  await expect.poll(() => gauges.get(`session_node_up ${one.address}`), soon).toBe(0)

  await one.restart()
  await expect.poll(() => counts.get(`session_node ${one.address} up lost`), soon).toBe(1)
  expect(await load()).toBe('live')
  await expect.poll(() => counts.get(`session_repairs ${one.address} nothing`), soon).toBe(1)
})
