import { fleetTable, planFleet, type FleetOptions, type FleetPlan } from '@holdfast/core/planning'
import { plan } from './plan.ts'

// The tables of the page, by the names of their files in plans/.

const gib = 1024 ** 3

/** Those of the plan beside it, with 1, 2 and 3 copies. */
const shop: FleetOptions = {
  engine: 'memcached',
  sessions: 2_000_000,
  bytesPerSession: 700,
  requestsPerSecond: 30_000,
  nodeMemoryBytes: 2 * gib,
}

/** Fleets of which each has another reason for its size. */
const fleets: readonly FleetOptions[] = [
  { ...shop, sessions: 100_000, requestsPerSecond: 1_000 },
  { ...shop, sessions: 100_000, requestsPerSecond: 1_000, copies: 2 },
  { ...shop, sessions: 10_000_000, requestsPerSecond: 10_000, nodeMemoryBytes: 4 * gib, copies: 2 },
  { ...shop, sessions: 1_000_000, requestsPerSecond: 80_000, copies: 2 },
]

/** The plan for so many nodes: the smallest fleet that loses no more than they do when as many die as a session has copies. */
function planOf(nodes: number, copies: 1 | 2): FleetPlan {
  const acceptableLossShare = copies === 1 ? 1 / nodes : 2 / (nodes * (nodes - 1))
  return planFleet({ ...shop, sessions: 100_000, requestsPerSecond: 1, copies, nodesDown: copies, acceptableLossShare })
}

function lossTable(): string {
  const rows = [2, 3, 4, 5, 6, 8, 10].map((nodes) => {
    const [one, two] = [planOf(nodes, 1), planOf(nodes, 2)]
    if (one.nodes !== nodes || two.nodes !== nodes) throw new Error(`the plans are for ${one.nodes} and ${two.nodes} nodes, not ${nodes}`)
    return [String(nodes), lossesOf(one), lossesOf(two), shareAsText(one.movedShareByOneMore), shareAsText(two.movedShareByOneMore)]
  })
  const [lost, moved] = ['lost when 1, 2, 3 die', 'one more moves']
  return table([['nodes', `1 copy: ${lost}`, `2 copies: ${lost}`, `1 copy: ${moved}`, `2 copies: ${moved}`], ...rows])
}

function lossesOf({ lossShare }: FleetPlan): string {
  return ([1, 2, 3] as const).map((dead) => shareAsText(lossShare[dead]).replace(dead < 3 ? ' %' : '', '')).join(', ')
}

/** A column a plan, where `fleetTable` has a line: so it fits into a page. */
function planTable(plans: readonly FleetPlan[]): string {
  const [head, , ...lines] = fleetTable(plans)
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(2, -2).split(' | '))
  const columns = [head ?? [], ...lines]
  return table((head ?? []).map((_, row) => columns.map((cells) => cells[row] ?? '')))
}

function sizeTable(): string {
  const rows = [200, 700, 2_000, 10_000].map((bytesPerSession) => {
    const stored = (['memcached', 'redis'] as const).map((engine) => planFleet({ ...shop, bytesPerSession, engine }).bytesPerSessionStored)
    return [bytesPerSession, ...stored].map((bytes) => bytes.toLocaleString('en-US'))
  })
  return table([['bytes of data, as JSON', 'bytes on memcached', 'bytes on Redis'], ...rows])
}

function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...others] = rows
  const lines = [head, head.map(() => '---'), ...others].map((cells) => `| ${cells.join(' | ')} |\n`)
  // A number and its sign stay together.
  return lines.join('').replaceAll(' %', '\u00a0%')
}

function shareAsText(share: number): string {
  return `${Number((share * 100).toPrecision(share >= 0.995 ? 3 : 2))} %`
}

export const tables: Readonly<Record<string, string>> = {
  copies: planTable([1, 2, 3].map((copies) => planFleet({ ...shop, copies }))),
  fleets: planTable(fleets.map(planFleet)),
  losses: lossTable(),
  sizes: sizeTable(),
  reasons: plan.reasons.map((reason) => `- ${reason}\n`).join(''),
}
