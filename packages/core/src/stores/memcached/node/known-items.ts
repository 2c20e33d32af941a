import type { Buffer } from 'node:buffer'
import type { Connection } from './connection.ts'

/** What is known of an item: which record it is, and by which CAS it can be replaced. */
export interface KnownItem {
  readonly version: string
  /** Unix ms */
  readonly expiresAt: number
  readonly cas: Buffer
  readonly from: Connection
}

/** What was last seen at each key, so that a change after a read is one round trip. It may be out of date: the CAS then does not fit. */
export interface KnownItems {
  get(key: string): KnownItem | undefined
  set(key: string, item: KnownItem): void
  delete(key: string): void
}

/** More sessions than one process changes in the time between a read and its change. */
const mostItems = 10_000

export function knownItems(): KnownItems {
  const items = new Map<string, KnownItem>()
  let from: Connection | undefined
  return {
    get: (key) => items.get(key),
    set(key, item) {
      // A server that was restarted gives the same numbers to other items.
      if (item.from !== from) items.clear()
      from = item.from
      items.delete(key)
      if (items.size >= mostItems) items.delete(items.keys().next().value as string)
      items.set(key, item)
    },
    delete: (key) => void items.delete(key),
  }
}
