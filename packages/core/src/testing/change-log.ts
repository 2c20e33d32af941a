import type { SessionStore, StoreChange } from '../record/store.ts'

/** What a store tells from now on, for tests. */
export interface ChangeLog {
  readonly all: readonly StoreChange[]
  /** How often news may have been lost. */
  readonly lost: number
  has(key: string, version: string): boolean
  stop(): void
}

export function changeLog(store: SessionStore): ChangeLog {
  const all: StoreChange[] = []
  const stop = store.onChange!((change) => void all.push(change))
  return {
    all,
    get lost() {
      return all.filter((change) => change === 'lost').length
    },
    has: (key, version) => all.some((change) => change !== 'lost' && change.key === key && change.version === version),
    stop,
  }
}
