import type { DefinePromise as DefinePromiseOf } from '../define-promises.ts'
import { randomBytes } from 'node:crypto'
import type { SessionStore } from '../../record/store.ts'

/** A store under test, and keys that nobody has used. */
export interface Subject {
  readonly store: SessionStore
  readonly key: string
  newKey(): string
  /** Closes the store early. */
  close(): Promise<void>
  cleanUp(): Promise<void>
}

/** Defines one promise of this contract. */
export type DefinePromise = DefinePromiseOf<Subject>

export async function openSubject(makeStore: () => SessionStore | Promise<SessionStore>): Promise<Subject> {
  const store = await makeStore()
  const keys: string[] = []
  let isOpen = true
  const subject = {
    store,
    newKey() {
      const key = randomBytes(32).toString('base64url')
      keys.push(key)
      return key
    },
    async close() {
      isOpen = false
      await store.close?.()
    },
    async cleanUp() {
      if (!isOpen) return
      await Promise.allSettled(keys.map(async (key) => store.delete(key)))
      await subject.close()
    },
  }
  return { ...subject, key: subject.newKey() }
}
