import { createSessions, type CookieOptions } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { faultyStore } from '@holdfast/core/testing'

export interface Shop {
  user?: string
  cart: string[]
}

/** A manager over a store that can be made to fail, and tells what it was asked. */
export function shop(cookie?: CookieOptions) {
  const memory = memoryStore()
  const store = faultyStore(memory)
  const sessions = createSessions<Shop>({
    store,
    secrets: ['a secret for tests, of 32 bytes or more'],
    initial: () => ({ cart: [] }),
    cookie,
    // Tests of failure need not wait longer.
    requestTimeout: 100,
  })
  return {
    sessions,
    store,
    keys: (): number => memory.stats().entries,
    failWrites(): void {
      store.fault = ({ method }) => (method === 'put' ? 'fail' : undefined)
    },
  }
}
