import type { DefinePromise as DefinePromiseOf } from '../define-promises.ts'
import { randomBytes } from 'node:crypto'
import type { SessionStore } from '../../record/store.ts'

/** A store under test, and keys that nobody has used. */
export interface Subject {
  readonly store: SessionStore
  readonly key: string
  newKey(): string
  /** Another store, made as this one was: perhaps of the same backend. */
  another(): Promise<SessionStore>
  /** Closes the store early. */
  close(): Promise<void>
  cleanUp(): Promise<void>
}

/** Defines one promise of this contract. */
export type DefinePromise = DefinePromiseOf<Subject>

export async function openSubject(makeStore: () => SessionStore | Promise<SessionStore>): Promise<Subject> {
  const store = await makeStore()
  const keys: string[] = []
  const others: SessionStore[] = []
  let isOpen = true
  const subject = {
    store,
    newKey() {
      const key = randomBytes(32).toString('base64url')
      keys.push(key)
      return key
    },
    async another() {
      const other = await makeStore()
      others.push(other)
      return other
    },
    async close() {
      isOpen = false
      await store.close?.()
    },
    async cleanUp() {
      await Promise.all(others.map(async (other) => other.close?.()))
      if (!isOpen) return
      await Promise.allSettled(keys.map(async (key) => store.delete(key)))
      await subject.close()
    },
  }
  return { ...subject, key: subject.newKey() }
}
