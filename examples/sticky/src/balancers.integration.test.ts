import { afterAll, expect, onTestFinished, test } from 'vitest'
import type { Answer } from './answer.ts'
import { balanced, type ConfigurationName } from './balanced.ts'
import { fleetOf, nodeNames, type NodeName } from './fleet.ts'
import { signedIn, visitorOf, type Visitor } from './visitor.ts'

// Each configuration of the page, on the real balancer, before nodes that keep their sessions in memory.

const crowd = 120

/** What became of the sessions, a row a configuration. */
const table: Record<string, string | number>[] = []
afterAll(() => console.table(table))

/** Where each of a crowd was answered last. */
interface Known {
  readonly visitor: Visitor
  home: string
}

function spreadOf(known: readonly Known[]): Record<NodeName, number> {
  return Object.fromEntries(nodeNames.map((name) => [name, known.filter(({ home }) => home === name).length])) as Record<NodeName, number>
}

const inWords = (spread: Record<NodeName, number>): string => nodeNames.map((name) => `${name} ${spread[name]}`).join(', ')

async function arrive(origin: string): Promise<Known[]> {
  return Promise.all(
    Array.from({ length: crowd }, async (_, n) => {
      const { visitor, answers } = await signedIn(origin, `user-${n}`)
      const nodes = new Set(answers.map(({ node }) => node))
      expect(nodes.size, 'the nodes that answered one visitor').toBe(1)
      return { visitor, home: answers[0]!.node }
    }),
  )
}

const read = async ({ visitor }: Known): Promise<Answer> => visitor.ask('GET', '/')

/** Asserts that each is answered where they were, from the session that they have. */
async function checkAtHome(known: readonly Known[]): Promise<void> {
  for (const { home, visitor } of known) expect(await visitor.ask('GET', '/')).toMatchObject({ node: home, outcome: 'live', count: 2 })
}

/** Whom a configuration sends to a node that was added, of those who are here already. */
const movedByOneMore: Partial<Record<ConfigurationName, readonly [least: number, most: number]>> = {
  // A quarter of all: the price of having no table and no names.
  'nginx-hash.conf': [crowd / 12, crowd / 2],
}

test.each<ConfigurationName>([
  'haproxy-cookie.cfg',
  'haproxy-stick-table.cfg',
  'haproxy-affinity.cfg',
  'nginx-hash.conf',
  'nginx-affinity.conf',
])(
  '%s: a client stays on its node; a new node takes its share of new clients; a killed one takes its own sessions and no others',
  async (file) => {
    const fleet = await fleetOf()
    onTestFinished(fleet.close)
    await fleet.start('a', 'b', 'c')
    const { origin, close } = await balanced(file, fleet)
    onTestFinished(close)

    const old = await arrive(origin)
    for (let round = 0; round < 3; round += 1) await checkAtHome(old)
    const before = spreadOf(old)
    expect(Math.min(before.a, before.b, before.c)).toBeGreaterThan(crowd / 12)

    await fleet.start('d')
    await expect.poll(async () => (await visitorOf(origin).ask('GET', '/')).node, { timeout: 15_000 }).toBe('d')
    const found = await Promise.all(old.map(read))
    const moved = found.filter(({ node }, n) => node !== old[n]!.home)
    for (const { node, outcome } of moved) expect([node, outcome]).toEqual(['d', 'missing'])
    const [least, most] = movedByOneMore[file] ?? [0, 0]
    expect(moved.length).toBeGreaterThanOrEqual(least)
    expect(moved.length).toBeLessThanOrEqual(most)
    const young = await arrive(origin)
    const after = spreadOf(young)
    expect(after.d).toBeGreaterThan(crowd / 12)
    expect(after.d).toBeLessThan(crowd / 2)

    const all = [...old.filter((_, n) => found[n]!.node === old[n]!.home), ...young]
    await fleet.stop('b', 'SIGKILL')
    const bereft = all.filter(({ home }) => home === 'b')
    await checkAtHome(all.filter(({ home }) => home !== 'b'))
    for (const known of bereft) {
      const { node, outcome } = await read(known)
      expect([node === 'b', outcome]).toEqual([false, 'missing'])
      known.home = (await known.visitor.ask('POST', '/count')).node
      await known.visitor.ask('POST', '/count')
    }
    await checkAtHome(all)
    table.push({
      configuration: file,
      'clients of a, b, c': inWords(before),
      'moved when d came': moved.length,
      'new clients with d': inWords(after),
      'lost with b': `${bereft.length} of ${bereft.length} on b, 0 of ${all.length - bereft.length} elsewhere`,
    })
  },
  120_000,
)

test('a hash of the session cookie itself loses sessions: at their first answer, and at the sign-in', async () => {
  const fleet = await fleetOf()
  onTestFinished(fleet.close)
  await fleet.start('a', 'b', 'c')
  const ofSession = `map $http_cookie $visitor {
    default $remote_addr;
    "~__Host-session=(?<token>[^;]+)" $token;
  }
  map $cookie_other $other {`
  const { origin, close } = await balanced('nginx-hash.conf', fleet, ['map $cookie_visitor $visitor {', ofSession])
  onTestFinished(close)
  const lost = { 'at the first answer': 0, 'at the sign-in': 0 }
  for (let n = 0; n < crowd; n += 1) {
    const visitor = visitorOf(origin)
    await visitor.ask('POST', '/count')
    if ((await visitor.ask('POST', '/sign-in', 'ada')).outcome === 'missing') lost['at the first answer'] += 1
    if ((await visitor.ask('GET', '/')).outcome === 'missing') lost['at the sign-in'] += 1
  }
  console.log(`hash of the session cookie, ${crowd} clients: ${JSON.stringify(lost)}`)
  // Two thirds each.
  for (const count of Object.values(lost)) expect(count).toBeGreaterThan(crowd / 3)
}, 60_000)
