import type { FleetPlan } from './plan-fleet.ts'
import type { CheckedFleetOptions } from './plan-options.ts'
import { bytesAsText, countAsText, shareAsText } from './plan-text.ts'

type Plan = Omit<FleetPlan, 'reasons'>

/** Why the plan is what it is, and what it means. */
export function reasonsOf(plan: Plan, options: CheckedFleetOptions): string[] {
  const { nodes, nodesFor, copies, movedShareByOneMore } = plan
  const down = plan.nodesDown === 1 ? 'one is down' : `${plan.nodesDown} are down`
  const dying = plan.nodesDown === 1 ? 'a node dies' : `${plan.nodesDown} nodes die at once`
  const calls = countAsText(Math.round(options.requestsPerSecond * (1 + options.writeShare)) * copies)
  return [
    `Memory wants ${nodesAsText(nodesFor.memory)}: ${countAsText(plan.sessions)} sessions of ${bytesAsText(plan.bytesPerSessionStored)} on ` +
      `${plan.engine}, ${copies === 1 ? 'a copy' : `${copies} copies`} of each, in ${bytesAsText(options.nodeMemoryBytes)} a node that are at most ` +
      `${shareAsText(options.fillAtMost)} full, also while ${down}.`,
    `Traffic wants ${nodesAsText(nodesFor.traffic)}: ${calls} store calls a second, of which a node takes ` +
      `${countAsText(options.nodeRequestsPerSecond)}, also while ${down}.`,
    `Risk wants ${nodesAsText(nodesFor.risk)}: at least one for each copy, and at most ${shareAsText(options.acceptableLossShare)} of the sessions ` +
      `lost when ${dying}.`,
    `So take ${nodesAsText(nodes)}, for ${(['memory', 'traffic', 'risk'] as const).filter((limit) => nodesFor[limit] === nodes).join(' and ')}.`,
    lossSentence(plan),
    `A node that is added gets ${copies === 1 ? '' : 'a copy of '}${shareAsText(movedShareByOneMore)} of the sessions; none moves between the others.`,
    ...warnings(plan, down),
  ]
}

function lossSentence({ nodes, lossShare, sessionsLost }: Plan): string {
  const lost = (dead: 1 | 2 | 3): string =>
    lossShare[dead] === 0 ? 'none' : `${shareAsText(lossShare[dead])} (${countAsText(sessionsLost[dead])})`
  const more = ([2, 3] as const).filter((dead) => dead <= nodes).map((dead) => `; when ${dead} die at once, ${lost(dead)}`)
  return `When a node dies, ${lost(1)} of the sessions are lost${more.join('')}.`
}

function warnings({ nodes, nodesDown, whileDown, copies }: Plan, down: string): string[] {
  if (whileDown === null) return [`With ${nodesAsText(nodes)} there is no other to carry on while ${down}.`]
  if (nodes - nodesDown >= copies) return []
  const enough = nodesAsText(copies + nodesDown)
  return [`While ${down}, there are fewer nodes than copies: with ${enough} there would be ${copies} copies of each session even then.`]
}

function nodesAsText(count: number): string {
  return count === 1 ? '1 node' : `${countAsText(count)} nodes`
}
