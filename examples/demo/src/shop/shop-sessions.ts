import { createSessions, hours, minutes, type SessionManager, type SessionStore } from '@holdfast/core'
import type { Shop } from './shop.ts'

/** Each server makes its own; the store and the secret are what they share. */
export function shopSessions(store: SessionStore, secret: string): SessionManager<Shop> {
  return createSessions<Shop>({
    store,
    secrets: [secret],
    idleTimeout: minutes(30),
    absoluteTimeout: hours(12),
    initial: () => ({ cart: {}, trail: [] }),
  })
}
