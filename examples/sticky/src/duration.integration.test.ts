import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, test } from 'vitest'
import { balanced, type ConfigurationName } from './balanced.ts'
import { fleetOf, type Fleet } from './fleet.ts'
import { signedIn } from './visitor.ts'

// Each configuration of the page, with a short duration in place of its own.

const duration = 4
/** HAProxy rounds the moments in its cookies up to four seconds, and looks for entries of its tables that are over now and then. */
const longest = duration + 6

interface Case {
  readonly file: ConfigurationName
  readonly edit?: readonly [from: string, to: string]
  /** Counts from the last request, and not from the first. */
  readonly slides?: boolean
}

const cases: readonly Case[] = [
  { file: 'haproxy-cookie.cfg', edit: ['maxlife 8h', `maxlife ${duration}s`] },
  { file: 'haproxy-stick-table.cfg', edit: ['expire 30m', `expire ${duration}s`], slides: true },
  { file: 'haproxy-affinity.cfg' },
  { file: 'nginx-hash.conf', edit: ['Max-Age=28800', `Max-Age=${duration}`] },
  { file: 'nginx-affinity.conf' },
]

let fleet: Fleet
beforeAll(async () => {
  fleet = await fleetOf({ AFFINITY: String(duration) })
  await fleet.start('a', 'b', 'c')
})
afterAll(() => fleet.close())

// Beside one another, since they mostly wait.
const title = '$file: a client stays on its node for the set duration, and is balanced anew after it'
test.concurrent.for(cases)(title, { timeout: 60_000 }, async ({ file, edit, slides }, { expect, onTestFinished }) => {
  const { origin, close } = await balanced(file, fleet, edit)
  onTestFinished(close)

  const arrivedAt = performance.now()
  const known = await Promise.all(Array.from({ length: 12 }, async (_, n) => signedIn(origin, `user-${n}`)))
  const homes = known.map(({ answers }) => answers[0]!.node)
  let boundFrom = arrivedAt
  const isBound = (): boolean => performance.now() < boundFrom + duration * 1_000
  for (const until = arrivedAt + (slides ? 2 : 0.75) * duration * 1_000; performance.now() < until;) {
    const askedAt = performance.now()
    const nodes = await Promise.all(known.map(async ({ visitor }) => (await visitor.ask('GET', '/')).node))
    // Answers that came when the duration was over tell nothing.
    if (isBound()) expect(nodes).toEqual(homes)
    if (slides) boundFrom = askedAt
    await sleep(200)
  }

  await sleep(longest * 1_000)
  const nodes: string[] = []
  // The other way round, so that taking turns gives each another node.
  for (const { visitor } of known.toReversed()) nodes.unshift((await visitor.ask('GET', '/')).node)
  expect(nodes.filter((node, n) => node !== homes[n]).length).toBeGreaterThan(0)
})
