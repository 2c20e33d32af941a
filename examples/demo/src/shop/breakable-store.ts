import { sessionError, type SessionStore } from '@holdfast/core'

/** A store that can be made to fail, to see what an application does then. */
export interface BreakableStore extends SessionStore {
  /** Answers nothing for so many milliseconds from now. */
  breakFor(duration: number): void
}

/** A function from a store to a store: all that it takes to put something between the engine and where sessions live. */
export function breakableStore(store: SessionStore): BreakableStore {
  let brokenUntil = 0

  async function unlessBroken<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    if (performance.now() < brokenUntil) throw sessionError('ERR_UNAVAILABLE', 'The demo has cut its store off for a few seconds.')
    return ask()
  }

  return {
    ...store,
    get: (key, options) => unlessBroken(async () => store.get(key, options)),
    put: (key, record, options) => unlessBroken(async () => store.put(key, record, options)),
    touch: (key, expiresAt, options) => unlessBroken(async () => store.touch(key, expiresAt, options)),
    delete: (key, options) => unlessBroken(async () => store.delete(key, options)),
    breakFor(duration) {
      brokenUntil = performance.now() + duration
    },
  }
}
