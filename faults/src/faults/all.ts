import type { Fault } from '../fault.ts'
import { primaryKilled } from './f01-primary-killed.ts'
import { primaryHangs, zombieReturns } from './f02-primary-hangs.ts'

/** Every fault that Redis is put through, in the order of their numbers. */
export const faults: readonly Fault[] = [primaryKilled, primaryHangs, zombieReturns]
