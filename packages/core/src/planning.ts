/**
 * How many nodes to take for sessions on a fleet of memcached or of independent Redis servers, and what that risks.
 *
 * @module @holdfast/core/planning
 */

export { fleetTable } from './planning/fleet-table.ts'
export { planFleet } from './planning/plan-fleet.ts'
export type { FleetLimit, FleetPlan, NodeLoad } from './planning/plan-fleet.ts'
export type { FleetOptions } from './planning/plan-options.ts'
export type { FleetEngine } from './planning/stored-bytes.ts'
