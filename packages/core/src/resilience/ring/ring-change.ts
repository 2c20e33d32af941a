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

/** What may be there on a node that fell silent while it was asked to store it. */
export function outcomeUnknown(cause: unknown): Error {
  return sessionError('ERR_OUTCOME_UNKNOWN', 'A node of the ring may or may not have stored the change before it fell silent.', { cause })
}
