import type { SessionStore } from '../record/store.ts'
import { anyKey } from './any-record.ts'

/**
 * The store once it has connected, to each of its servers that takes changes: on a machine under load that can take longer than a call
 * waits.
 */
export async function connected<Store extends SessionStore>(store: Store): Promise<Store> {
  // Of so many keys each of three servers has one.
  await Promise.all(Array.from({ length: 30 }, () => store.get(anyKey(), { fresh: true, signal: AbortSignal.timeout(15_000) })))
  return store
}
