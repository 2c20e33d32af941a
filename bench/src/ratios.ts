import { frameworkNames, type Framework, type Variant } from './candidates.ts'
import type { Kind, Series } from './measure.ts'

/** What is promised of a ratio: Holdfast's server time over that of something else, for the same request. */
export interface Goal {
  readonly what: string
  readonly kind: Kind
  readonly of: Variant
  readonly over: Variant
  readonly atMost: number
}

export const goals: readonly Goal[] = [
  { what: 'never asks, over bare', kind: 'none', of: 'redis', over: 'bare', atMost: 1.1 },
  { what: 'read on Redis, over the floor', kind: 'read', of: 'redis', over: 'floor', atMost: 1.4 },
  { what: 'change on Redis, over the floor', kind: 'change', of: 'redis', over: 'floor', atMost: 1.4 },
  { what: 'read on memory, over bare', kind: 'read', of: 'memory', over: 'bare', atMost: 1.6 },
  { what: 'warm near-cache read, over bare', kind: 'read', of: 'near', over: 'bare', atMost: 1.6 },
]

export interface Ratio {
  readonly framework: Framework
  readonly frameworkName: string
  readonly what: string
  readonly goal: number
  readonly value: number
  readonly met: boolean
}

/** The ratios of each framework that was measured. */
export function ratiosOf(all: readonly Series[]): Ratio[] {
  const measured = [...new Set(all.map(({ candidate }) => candidate.framework))]
  return measured.flatMap((framework) => {
    const timeOf = (variant: Variant, kind: Kind): number => {
      const found = all.find((each) => each.kind === kind && each.candidate.framework === framework && each.candidate.variant === variant)
      return median(found?.cpu.map((each) => each.all) ?? [])
    }
    return goals.map(({ what, kind, of, over, atMost }) => {
      const value = timeOf(of, kind) / timeOf(over, kind)
      // As it is shown: 1.104 is 1.10.
      const met = Number(value.toFixed(2)) <= atMost
      return { framework, frameworkName: frameworkNames[framework], what, goal: atMost, value, met }
    })
  })
}

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
