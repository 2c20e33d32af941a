import { nextTick } from 'node:process'
import type { StoreChange } from './store.ts'

/** Who listens to what a store tells. */
export interface ChangeListeners {
  readonly count: number
  /** Answers how to stop. The same listener may be added twice, and hears twice. */
  add(listener: (change: StoreChange) => void): () => void
  /** One that throws is an uncaught exception, and keeps no other from hearing. */
  tell(change: StoreChange): void
  /** Nobody hears anything from now on. */
  close(): void
}

/** What to do when somebody begins to listen, and when nobody does any more. */
export interface ChangeListenersOptions {
  first(): void
  last(): void
}

export function changeListeners({ first, last }: ChangeListenersOptions): ChangeListeners {
  const listeners = new Map<object, (change: StoreChange) => void>()
  let isClosed = false
  return {
    get count() {
      return listeners.size
    },
    add(listener) {
      if (isClosed) return () => {}
      const own = {}
      listeners.set(own, listener)
      if (listeners.size === 1) first()
      return () => {
        if (listeners.delete(own) && listeners.size === 0) last()
      }
    },
    tell(change) {
      for (const listener of listeners.values()) {
        try {
          listener(change)
        } catch (error) {
          nextTick(() => {
            throw error
          })
        }
      }
    },
    close() {
      isClosed = true
      if (listeners.size === 0) return
      listeners.clear()
      last()
    },
  }
}
