// #region new-shop
import { createSessions, minutes } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { fakeClock, faultyStore } from '@holdfast/core/testing'
import { shop, type Data } from './shop.ts'

/** A shop of a test's own, with what the test turns. */
export function newShop() {
  const clock = fakeClock()
  const store = faultyStore(memoryStore({ clock }))
  const sessions = createSessions<Data>({
    store,
    clock,
    secrets: ['only for the tests, and long enough for them'],
    idleTimeout: minutes(30),
    requestTimeout: 100,
    initial: () => ({ cart: [] }),
  })
  return { app: shop(sessions), sessions, store, clock }
}
// #endregion new-shop
