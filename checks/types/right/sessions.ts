import { createSessions, hours, minutes } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'

export interface Data {
  user?: { id: string; name: string }
  cart: string[]
}

export const sessions = createSessions<Data>({
  store: memoryStore(),
  secrets: [process.env.SESSION_SECRET, process.env.OLD_SESSION_SECRET],
  idleTimeout: minutes(30),
  absoluteTimeout: hours(12),
  initial: () => ({ cart: [] }),
})
