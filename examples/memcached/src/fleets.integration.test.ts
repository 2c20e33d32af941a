import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSessions, type SessionManager, type SessionStore } from '@holdfast/core'
import { memcachedStore } from '@holdfast/core/memcached'
import { startMemcached, startRedis } from '@holdfast/testbed'
import { expect, onTestFinished, test, vi } from 'vitest'
import { elastiCache, oneNode, threeNodes } from './fleets.ts'
import { plan } from './plan.ts'
import { reloadNodes } from './reload-nodes.ts'
import { onTwoRedis } from './two-redis.ts'

// Each example of the page, on servers of this machine in the place of those that it names, one of which dies.

type Sessions = SessionManager<{ visits: number }>

function open(store: SessionStore): Sessions {
  const sessions = createSessions<{ visits: number }>({
    store,
    secrets: ['only for the test of the examples'],
    initial: () => ({ visits: 0 }),
  })
  onTestFinished(() => sessions.close())
  return sessions
}

async function started<Server extends { close(): Promise<void> }>(starting: Promise<Server>): Promise<Server> {
  const server = await starting
  onTestFinished(() => server.close())
  return server
}

const visitors = 60

/** The cookies of so many visitors with one visit each. */
async function visit(sessions: Sessions): Promise<string[]> {
  return Promise.all(Array.from({ length: visitors }, async () => (await sessions.create({ visits: 1 })).cookie))
}

/** How many of them are known. */
async function known(sessions: Sessions, cookies: readonly string[]): Promise<number> {
  const loaded = await Promise.all(cookies.map((cookie) => sessions.open(cookie).load()))
  return loaded.filter(({ outcome, data }) => outcome === 'live' && data.visits === 1).length
}

test('one server: once it is back there are no sessions, and new ones begin', async () => {
  const memcached = await started(startMemcached())
  const sessions = open(memcachedStore({ ...oneNode, nodes: [memcached.address] }))
  const cookies = await visit(sessions)
  expect(await known(sessions, cookies)).toBe(visitors)
  await memcached.restart()
  await sessions.ready()
  expect((await sessions.open(cookies[0]!).load()).outcome).toBe('missing')
  expect(await known(sessions, await visit(sessions))).toBe(visitors)
})

test('three servers and two copies: one that dies takes no session with it', async () => {
  const servers = await Promise.all(threeNodes.nodes.map(() => started(startMemcached())))
  const sessions = open(memcachedStore({ ...threeNodes, nodes: servers.map(({ address }) => address) }))
  const cookies = await visit(sessions)
  await servers[0]!.kill()
  expect(await known(sessions, cookies)).toBe(visitors)
  expect(await known(sessions, await visit(sessions))).toBe(visitors)
})

test('an endpoint that tells the nodes: one that is added takes its share, and none is signed out', async () => {
  const [one, two, three] = await Promise.all([1, 2, 3].map(() => started(startMemcached())))
  const servers = [one!, two!, three!]
  // What an engine before 1.4.14 has under this key, as its answer to "config get cluster" is of later ones.
  const tell = async (version: number, nodes: typeof servers): Promise<void> => {
    const text = `${version}\n${nodes.map(({ host, port }) => `${host}||${port}`).join(' ')}\n`
    await one!.command(`set AmazonElastiCache:cluster 0 0 ${text.length}`, text)
  }
  await tell(1, [one!, two!])
  const store = memcachedStore({ ...elastiCache, discover: { endpoint: one!.address, every: 1_000 } })
  const sessions = open(store)
  const cookies = await visit(sessions)
  expect(store.nodes()).toHaveLength(2)
  await tell(2, servers)
  await expect.poll(() => store.nodes().length, { timeout: 15_000 }).toBe(3)
  expect(await known(sessions, cookies)).toBe(visitors)
  expect(await known(sessions, await visit(sessions))).toBe(visitors)
  expect(Number((await three!.stats())['curr_items'])).toBeGreaterThan(0)
})

test('two independent Redis servers: one that dies costs neither reads nor changes', async () => {
  const [one, two] = [await started(startRedis()), await started(startRedis())]
  const sessions = open(onTwoRedis([one.url, two.url]))
  const cookies = await visit(sessions)
  await one.kill()
  expect(await known(sessions, cookies)).toBe(visitors)
  const session = await sessions.open(cookies[0]!).load()
  session.data.visits = 2
  await session.save()
  expect((await sessions.open(cookies[0]!).load()).data).toEqual({ visits: 2 })
})

test('SIGHUP: the servers in the file are taken, and a file with none changes nothing', async () => {
  const [one, two] = [await started(startMemcached()), await started(startMemcached())]
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-nodes-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'servers')
  const store = memcachedStore({ nodes: [one.address] })
  const sessions = open(store)
  const cookies = await visit(sessions)
  onTestFinished(reloadNodes(store, path))
  const names = (): string[] => store.nodes().map(({ name }) => name)

  await writeFile(path, `${one.address}\n${two.address}\n`)
  process.kill(process.pid, 'SIGHUP')
  await expect.poll(names, { timeout: 15_000 }).toEqual([one.address, two.address])
  expect(await known(sessions, cookies)).toBe(visitors)

  const said = vi.spyOn(console, 'error').mockImplementation(() => {})
  onTestFinished(() => said.mockRestore())
  await writeFile(path, '\n')
  process.kill(process.pid, 'SIGHUP')
  await expect.poll(() => said.mock.calls, { timeout: 15_000 }).toHaveLength(1)
  expect(said.mock.calls[0]![0]).toContain('The servers stay as they were.')
  expect(names()).toEqual([one.address, two.address])
})

test('the plan says how many, why, and what is lost with them', () => {
  expect(plan).toMatchObject({ nodes: 5, decidedBy: 'traffic' })
  expect(plan.lossShare[1]).toBe(0)
  expect(plan.reasons.length).toBeGreaterThan(0)
})
