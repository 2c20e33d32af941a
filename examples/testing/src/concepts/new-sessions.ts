import { createSessions, type ManagerOptions, type SessionManager, type SetHeaders } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { fakeClock, faultyStore, type FakeClock, type FaultyStore } from '@holdfast/core/testing'

/** What the sessions of the samples hold. */
export interface Data {
  cart: string[]
  visits: number
  theme?: string
  user?: { name: string; rights: string[] }
}

/** Sessions on a store and a clock that do as they are told. */
export function newSessions(options: Partial<ManagerOptions> = {}): {
  readonly sessions: SessionManager<Data>
  readonly store: FaultyStore
  readonly clock: FakeClock
} {
  const clock = fakeClock()
  const store = faultyStore(memoryStore({ clock }))
  const sessions = createSessions<Data>({
    store,
    clock,
    secrets: ['only for the samples of these pages'],
    initial: () => ({ cart: [], visits: 0 }),
    ...options,
  })
  return { sessions, store, clock }
}

/** The Set-Cookie lines of an answer. */
export function setCookies(headers: SetHeaders): string[] {
  return headers.filter(([name]) => name === 'Set-Cookie').map(([, line]) => line)
}

/** The Cookie header that a browser sends after this answer. */
export function cookieOf(headers: SetHeaders): string {
  return setCookies(headers)
    .map((line) => line.split(';', 1)[0])
    .join('; ')
}
