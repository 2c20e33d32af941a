import type { FleetPlan } from './plan-fleet.ts'
import { bytesAsText, countAsText, shareAsText } from './plan-text.ts'

const columns: readonly (readonly [head: string, cell: (plan: FleetPlan) => string])[] = [
  ['sessions', ({ sessions }) => countAsText(sessions)],
  ['on', ({ engine }) => engine],
  ['copies', ({ copies }) => String(copies)],
  ['**nodes**', ({ nodes }) => `**${countAsText(nodes)}**`],
  ['decided by', ({ decidedBy }) => decidedBy],
  ['for memory, traffic, risk', ({ nodesFor: { memory, traffic, risk } }) => `${memory}, ${traffic}, ${risk}`],
  ['a session takes', ({ bytesPerSessionStored }) => bytesAsText(bytesPerSessionStored)],
  ['memory full', ({ memoryShareUsed }) => shareAsText(memoryShareUsed)],
  ['calls a second to each', ({ requestsPerNodePerSecond }) => countAsText(requestsPerNodePerSecond)],
  ['lost when 1, 2, 3 die', ({ lossShare }) => ([1, 2, 3] as const).map((dead) => shareAsText(lossShare[dead])).join(', ')],
  ['moved by one more', ({ movedShareByOneMore }) => shareAsText(movedShareByOneMore)],
]

/**
 * Plans side by side, as a table in Markdown: a line each, in the order given.
 *
 * @example
 * console.log(fleetTable([1, 2, 3].map((copies) => planFleet({ ...fleet, copies }))))
 */
export function fleetTable(plans: readonly FleetPlan[]): string {
  const lines = [columns.map(([head]) => head), columns.map(() => '---'), ...plans.map((plan) => columns.map(([, cell]) => cell(plan)))]
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}
