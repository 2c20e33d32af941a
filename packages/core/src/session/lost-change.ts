import { publish } from '../events.ts'
import { counterOf } from '../record/version.ts'

/** Tells of acknowledged changes that the authority has no more: what it `found` is older than the version that is proven. */
export function reportLostChange(id: string, proven: string | undefined, found: string): void {
  if (proven === undefined || proven <= found) return
  // Of two writes with the same count one was lost.
  publish('lost-change', () => ({ id, expected: proven, found, changes: Math.max(counterOf(proven) - counterOf(found), 1) }))
}
