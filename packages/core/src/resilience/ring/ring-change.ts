import { sessionError } from '../../errors.ts'
import type { PutOptions, StoredRecord } from '../../record/store.ts'
import type { Holders } from './membership.ts'
import type { CheckedRingOptions } from './ring-options.ts'

/** One change of one key. */
export interface RingChange {
  readonly key: string
  readonly record: StoredRecord
  readonly options: PutOptions
  readonly holders: Holders
  readonly ring: CheckedRingOptions
}

/** Whether there is one copy, on one node: then it is for that node to make a change as safe as is asked. */
export function isForItsNode({ ring, holders }: RingChange): boolean {
  return ring.copies === 1 && holders.members.length === 1
}

/** What may be there on a node that fell silent while it was asked to store it. */
export function outcomeUnknown(cause: unknown): Error {
  return sessionError('ERR_OUTCOME_UNKNOWN', 'A node of the ring may or may not have stored the change before it fell silent.', { cause })
}
