import { setTimeout as sleep } from 'node:timers/promises'
import type { SessionStore, StoreChange } from '../record/store.ts'
import { anyKey, anyRecord } from './any-record.ts'

/** What a store tells from now on, for tests. */
export interface ChangeLog {
  readonly all: readonly StoreChange[]
  /** How often news may have been lost. */
  readonly lost: number
  has(key: string, version: string): boolean
  /** Has something stored there until it is told: it is listened to from then on. Throws after 15 s. */
  hears(store: SessionStore): Promise<void>
  stop(): void
}

export function changeLog(store: SessionStore): ChangeLog {
  const all: StoreChange[] = []
  const stop = store.onChange!((change) => void all.push(change))
  const log: ChangeLog = {
    all,
    get lost() {
      return all.filter((change) => change === 'lost').length
    },
    has: (key, version) => all.some((change) => change !== 'lost' && change.key === key && change.version === version),
    async hears(by) {
      const until = performance.now() + 15_000
      for (;;) {
        const [key, record] = [anyKey(), anyRecord()]
        await by.put(key, record, { expected: null }).catch(() => {})
        await sleep(50)
        if (log.has(key, record.version)) return
        if (performance.now() > until) throw new Error('no change was told for 15 s')
      }
    },
    stop,
  }
  return log
}
