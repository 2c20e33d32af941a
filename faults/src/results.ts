import { createRequire } from 'node:module'
import type { Fault, PlainSystem, System } from './fault.ts'
import { judge, type Verdict } from './judgement.ts'
import type { RunReport } from './run-report.ts'

/** What the faults have shown, and how. */
export interface Results {
  readonly measuredAt: string
  readonly how: { readonly command: string; readonly form: string; readonly rounds: number }
  readonly versions: Readonly<Record<string, string>>
  readonly faults: readonly FaultResult[]
}

export interface FaultResult {
  readonly id: string
  readonly title: string
  /** What stood beside Holdfast. */
  readonly beside: readonly PlainSystem[]
  /** Why it was not run, where it was not. */
  readonly notRun?: string | undefined
  /** What kept a run from coming to its end. */
  readonly errors: readonly string[]
  readonly verdicts: readonly Verdict[]
  /** A report a round; none of a system that was not asked for. */
  readonly runs: Readonly<Partial<Record<System, readonly RunReport[]>>>
}

/** What stands beside Holdfast where a fault does not say. */
export const ioredisBeside: readonly PlainSystem[] = ['ioredis']

export function faultResult(fault: Fault, runs: FaultResult['runs'], errors: readonly string[]): FaultResult {
  const { id, title, beside = ioredisBeside, judgements } = fault
  return { id, title, beside, errors, verdicts: judge(judgements, runs.holdfast ?? []), runs }
}

/** A fault that cannot be run here, and why. */
export function notRunHere({ id, title, beside = ioredisBeside }: Fault, obstacle: string): FaultResult {
  return { id, title, beside, notRun: obstacle, errors: [], verdicts: [], runs: {} }
}

/** In words, for a summary. */
export function outcomeOf({ notRun, errors, verdicts }: FaultResult): string {
  if (notRun !== undefined) return `not run: ${notRun}`
  if (errors.length > 0) return 'broken off'
  const missed = verdicts.filter(({ met }) => !met)
  return missed.length === 0 ? 'as promised' : `missed: ${missed.map(({ what }) => what).join('; ')}`
}

export function allMet(results: Results): boolean {
  return results.faults.every(({ errors, verdicts }) => errors.length === 0 && verdicts.every(({ met }) => met))
}

/** Of what the faults are run with, as far as it decides how they go. */
export function versions(servers: { readonly redis: string; readonly memcached: string }): Record<string, string> {
  const versionOf = (name: string): string => (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version
  const clients = { ioredis: versionOf('ioredis'), memjs: versionOf('memjs') }
  return { Node: process.versions.node, Redis: servers.redis, memcached: servers.memcached, ...clients }
}
