import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { freePort, startFaultProxy, startMemcached, type MemcachedServer } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import { failureOf } from '../../../testing/failure-of.ts'
import { discoverNodes, type DiscoveredNode, type Discovery, type DiscoveryOptions } from './discover-nodes.ts'

async function start(port?: number): Promise<MemcachedServer> {
  const memcached = await startMemcached({ port })
  onTestFinished(() => memcached.close())
  return memcached
}

/** What a cluster's nodes have under their key: those of ElastiCache before 1.4.14, and any memcached that is given it. */
async function configure(memcached: MemcachedServer, version: number, nodes: readonly MemcachedServer[]): Promise<void> {
  await write(memcached, `${version}\n${nodes.map(({ host, port }) => `${host}||${port}`).join(' ')}\n`)
}

async function write(memcached: MemcachedServer, text: string): Promise<void> {
  await memcached.command(`set AmazonElastiCache:cluster 0 0 ${text.length}`, text)
}

interface Following extends Discovery {
  /** The names in each list that came. */
  readonly lists: string[][]
  readonly problems: string[]
}

function follow(endpoint: Pick<MemcachedServer, 'host' | 'port'>, options: Partial<DiscoveryOptions> = {}): Following {
  const [lists, problems]: [string[][], string[]] = [[], []]
  const discovery = discoverNodes({
    endpoint,
    every: 20,
    onNodes: (nodes) => void lists.push(namesOf(nodes)),
    onProblem: (problem) => void problems.push(problem),
    ...options,
  })
  onTestFinished(() => discovery.close())
  return {
    lists,
    problems,
    ready: discovery.ready,
    close: discovery.close,
    get problem() {
      return discovery.problem
    },
  }
}

const namesOf = (nodes: readonly DiscoveredNode[]): string[] => nodes.map(({ name }) => name)
const addressesOf = (nodes: readonly MemcachedServer[]): string[] => nodes.map(({ address }) => address)

/** Resolves after so many further questions for the key. */
async function looks(memcached: MemcachedServer, count: number): Promise<void> {
  const asked = async (): Promise<number> => Number((await memcached.stats())['cmd_get'])
  const before = await asked()
  await expect.poll(asked, soon).toBeGreaterThanOrEqual(before + count)
}

const soon = { timeout: 10_000 }

test('the nodes that the endpoint names, by name, host and port, in its order', async () => {
  const memcached = await start()
  await write(memcached, '1\nb.example|10.0.0.2|11211 a.example||11212\n')
  const lists: (readonly DiscoveredNode[])[] = []
  const { ready } = follow(memcached, { onNodes: (nodes) => void lists.push(nodes) })
  await ready()
  expect(lists).toEqual([
    [
      { name: 'b.example:11211', host: 'b.example', port: 11_211 },
      { name: 'a.example:11212', host: 'a.example', port: 11_212 },
    ],
  ])
})

test('nodes that come and go are followed, and nothing is said while they stay', async () => {
  const [one, two, three] = [await start(), await start(), await start()]
  await configure(one, 1, [one, two])
  const { lists, problems, ready } = follow(one)
  await ready()
  await looks(one, 3)
  await configure(one, 2, [two, one])
  await looks(one, 3)
  expect(lists).toEqual([addressesOf([one, two])])
  await configure(one, 3, [one, two, three])
  await expect.poll(() => lists.at(-1), soon).toEqual(addressesOf([one, two, three]))
  await configure(one, 4, [one, three])
  await expect.poll(() => lists.at(-1), soon).toEqual(addressesOf([one, three]))
  // As by hand: the same version with other nodes.
  await configure(one, 4, [one, two])
  await expect.poll(() => lists.at(-1), soon).toEqual(addressesOf([one, two]))
  expect(lists).toHaveLength(4)
  expect(problems).toEqual([])
})

test('nobody is asked before the first call', async () => {
  const memcached = await start()
  await configure(memcached, 1, [memcached])
  const { lists, ready } = follow(memcached)
  await new Promise((resolve) => setTimeout(resolve, 60))
  expect((await memcached.stats())['cmd_get']).toBe('0')
  await Promise.all([ready(), ready(), ready()])
  expect(lists).toHaveLength(1)
})

test('while the endpoint is away its nodes are asked, and once it is back it is again', async () => {
  const [endpoint, one, two] = [await start(), await start(), await start()]
  for (const each of [endpoint, one, two]) await configure(each, 1, [one, two])
  const discovery = follow(endpoint)
  await discovery.ready()
  await endpoint.kill()
  for (const each of [one, two]) await configure(each, 2, [one])
  await expect.poll(() => discovery.lists.at(-1), soon).toEqual(addressesOf([one]))
  const away = `${endpoint.address} did not say which nodes its cluster has. The connection failed (ECONNREFUSED).`
  expect(discovery.problem).toBe(away)
  await endpoint.restart()
  await configure(endpoint, 3, [one, two])
  await expect.poll(() => discovery.lists.at(-1), soon).toEqual(addressesOf([one, two]))
  await expect.poll(() => discovery.problem, soon).toBeUndefined()
  expect(discovery.problems.filter((problem) => problem === away)).toHaveLength(1)
})

test('while nobody answers the list stays, and what was wrong is said once', async () => {
  const [one, two] = [await start(), await start()]
  await configure(one, 1, [one, two])
  const discovery = follow(one)
  await discovery.ready()
  await one.kill()
  await expect.poll(() => discovery.problem, soon).toContain('ECONNREFUSED')
  // It has no configuration, and is asked each time.
  await looks(two, 5)
  expect(discovery.problems.filter((problem) => problem.includes('ECONNREFUSED'))).toHaveLength(1)
  expect(discovery.lists).toHaveLength(1)
  await discovery.ready()
  await one.restart()
  await configure(one, 1, [two])
  await expect.poll(() => discovery.lists.at(-1), soon).toEqual(addressesOf([two]))
})

test('a configuration that cannot be read, or names no node, changes nothing', async () => {
  const memcached = await start()
  await configure(memcached, 1, [memcached])
  const discovery = follow(memcached)
  await discovery.ready()
  for (const text of ['2\n\n', '2\nhalf a list', 'nonsense', `2\n${memcached.host}||11211 broken`]) {
    await write(memcached, text)
    await expect.poll(() => discovery.problem, soon).toContain('The cluster configuration cannot be read')
    await looks(memcached, 2)
    await configure(memcached, 1, [memcached])
    await expect.poll(() => discovery.problem, soon).toBeUndefined()
  }
  expect(discovery.lists).toEqual([[memcached.address]])
})

test('one that is older than what was seen is not believed while another node knows better', async () => {
  const [one, two] = [await start(), await start()]
  for (const each of [one, two]) await configure(each, 5, [one, two])
  const discovery = follow(one)
  await discovery.ready()
  await configure(one, 4, [one])
  await expect.poll(() => discovery.problem, soon).toContain('4 of its cluster')
  await looks(one, 8)
  expect(discovery.lists).toHaveLength(1)
  // A cluster that was made anew under the same name begins at 1.
  await Promise.all([one, two].map((each) => configure(each, 1, [one])))
  await expect.poll(() => discovery.lists.at(-1), soon).toEqual([one.address])
  await configure(one, 2, [one, two])
  await expect.poll(() => discovery.lists.at(-1), soon).toEqual(addressesOf([one, two]))
})

test('an endpoint that is not there at the start: calls say so at once, and work soon after it has come', async () => {
  const port = await freePort()
  const { ready, lists } = follow({ host: '127.0.0.1', port }, { every: 60_000 })
  const error = await failureOf(ready())
  expect(error).toMatchObject({
    code: 'ERR_UNAVAILABLE',
    message: `The nodes of the Memcached cluster are not known yet. 127.0.0.1:${port} did not say which nodes its cluster has. The connection failed (ECONNREFUSED).`,
  })
  expect(await failureOf(ready())).toMatchObject({ code: 'ERR_UNAVAILABLE' })
  const memcached = await start(port)
  await configure(memcached, 1, [memcached])
  await expect
    .poll(
      async () =>
        ready().then(
          () => true,
          () => false,
        ),
      { timeout: 50_000 },
    )
    .toBe(true)
  expect(lists).toEqual([[memcached.address]])
})

test('a slow endpoint: calls wait for the first look, each within its own time', async () => {
  const memcached = await start()
  await configure(memcached, 1, [memcached])
  const proxy = await startFaultProxy(memcached)
  onTestFinished(() => proxy.close())
  proxy.stall()
  const { ready } = follow({ host: '127.0.0.1', port: proxy.port }, { timeout: 10_000 })
  const patient = ready()
  expect(await failureOf(ready({ signal: AbortSignal.timeout(50) }))).toMatchObject({
    code: 'ERR_UNAVAILABLE',
    message: `The nodes of the Memcached cluster are not known yet. 127.0.0.1:${proxy.port} has not answered so far.`,
  })
  proxy.resume()
  await patient
})

test('nodes that could not be taken into use are tried again', async () => {
  const memcached = await start()
  await configure(memcached, 1, [memcached])
  const given: string[][] = []
  const { ready, problems } = follow(memcached, {
    onNodes(nodes) {
      given.push(namesOf(nodes))
      if (given.length < 3) throw new Error('not yet')
    },
  })
  await expect(ready()).rejects.toThrow('The nodes of the cluster could not be taken into use.')
  await expect
    .poll(
      async () =>
        ready().then(
          () => true,
          () => false,
        ),
      { timeout: 10_000 },
    )
    .toBe(true)
  expect(given).toEqual([[memcached.address], [memcached.address], [memcached.address]])
  expect(problems).toHaveLength(1)
})

test('closed, it asks nobody any more, and what waits is told', async () => {
  const memcached = await start()
  await configure(memcached, 1, [memcached])
  const proxy = await startFaultProxy(memcached)
  onTestFinished(() => proxy.close())
  const running = follow({ host: '127.0.0.1', port: proxy.port }, { every: 1 })
  await running.ready()
  running.close()
  await expect(running.ready()).rejects.toThrow('The memcachedStore was closed.')
  await expect.poll(() => proxy.counts.open, soon).toBe(0)
  const { connections } = proxy.counts
  await new Promise((resolve) => setTimeout(resolve, 60))
  expect(proxy.counts.connections).toBe(connections)

  proxy.stall()
  const beginning = follow({ host: '127.0.0.1', port: proxy.port }, { timeout: 60_000 })
  const waiting = failureOf(beginning.ready())
  await expect.poll(() => proxy.counts.open, soon).toBe(1)
  beginning.close()
  proxy.resume()
  expect(await waiting).toMatchObject({ code: 'ERR_UNAVAILABLE', message: 'The memcachedStore was closed. Make a new one to go on.' })
  await expect.poll(() => proxy.counts.open, soon).toBe(0)
  expect(beginning.problems).toEqual([])
})

test('it keeps no process from ending between two looks', async () => {
  const memcached = await start()
  await configure(memcached, 1, [memcached])
  const program = `
    import { discoverNodes } from ${JSON.stringify(new URL('discover-nodes.ts', import.meta.url).href)}
    const endpoint = { host: '127.0.0.1', port: ${memcached.port} }
    const discovery = discoverNodes({ endpoint, onNodes: ([node]) => console.log(node.name) })
    await discovery.ready()`
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
    timeout: 40_000,
  })
  expect(stdout).toBe(`${memcached.address}\n`)
})
