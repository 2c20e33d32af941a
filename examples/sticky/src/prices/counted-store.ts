import type { SessionStore } from '@holdfast/core'

/** A store that counts its calls: each is one round trip. */
export interface CountedStore extends SessionStore {
  readonly calls: () => number
}

export function countedStore(store: SessionStore): CountedStore {
  let calls = 0
  const counted = <Given extends unknown[], Answer>(method: (...given: Given) => Answer) => {
    return (...given: Given): Answer => {
      calls += 1
      return method(...given)
    }
  }
  return {
    ...store,
    get: counted(store.get),
    put: counted(store.put),
    touch: counted(store.touch),
    delete: counted(store.delete),
    calls: () => calls,
  }
}
