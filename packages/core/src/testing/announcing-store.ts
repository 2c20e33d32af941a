import type { SessionStore, StoreChange } from '../record/store.ts'

/** A store that tells what is changed in it, as Redis does, and can be made to lose that. */
export interface AnnouncingStore extends SessionStore {
  /** Undefined: it is told at once. */
  hold: ((change: StoreChange) => Promise<void>) | undefined
  /** How many listen. */
  readonly listeners: number
  /** Tells all who listen. */
  tell(change: StoreChange): void
}

export function announcingStore(store: SessionStore): AnnouncingStore {
  const listeners = new Set<(change: StoreChange) => void>()
  const announcing: AnnouncingStore = {
    ...store,
    hold: undefined,
    get listeners() {
      return listeners.size
    },
    tell(change) {
      for (const listener of listeners) listener(change)
    },
    async put(key, record, options) {
      const result = await store.put(key, record, options)
      if (!result.stored) return result
      const change = { key, version: record.version }
      const held = announcing.hold?.(change)
      if (held === undefined) announcing.tell(change)
      else void held.then(() => announcing.tell(change))
      return result
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  return announcing
}
