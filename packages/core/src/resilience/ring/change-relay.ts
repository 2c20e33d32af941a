import { changeListeners } from '../../record/change-listeners.ts'
import type { SessionStore, StoreChange } from '../../record/store.ts'

/** What the nodes of a ring tell of changes, to whoever listens to the ring. */
export interface ChangeRelay {
  onChange(listener: (change: StoreChange) => void): () => void
  /** A node has come: it is listened to whenever somebody listens here. Answers how to leave it again. */
  join(store: SessionStore): () => void
  close(): void
}

export function changeRelay(): ChangeRelay {
  interface Source {
    readonly store: SessionStore
    stop: (() => void) | undefined
  }
  const sources = new Set<Source>()
  const listeners = changeListeners({
    first() {
      for (const source of sources) listen(source)
    },
    last() {
      for (const source of sources) stop(source)
    },
  })

  function listen(source: Source): void {
    source.stop = source.store.onChange?.(listeners.tell)
  }

  function stop(source: Source): void {
    source.stop?.()
    source.stop = undefined
  }

  return {
    onChange: listeners.add,
    join(store) {
      const source: Source = { store, stop: undefined }
      sources.add(source)
      if (listeners.count > 0) {
        listen(source)
        // It may have been used by others for a while.
        listeners.tell('lost')
      }
      return () => {
        sources.delete(source)
        stop(source)
      }
    },
    close: listeners.close,
  }
}
