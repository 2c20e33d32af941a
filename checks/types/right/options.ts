// What createSessions asks for depends on the data.
import { createSessions, type Codec } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'

const common = { store: memoryStore(), secrets: [process.env.SESSION_SECRET] }

// Every key is optional: `{}` is a session, and `initial` may stay out.
createSessions<{ theme?: 'dark' | 'light' }>(common)
createSessions<{ theme?: 'dark' | 'light' }>({ ...common, initial: () => ({ theme: 'dark' }) })
createSessions<{ cart: string[] }>({ ...common, initial: () => ({ cart: [] }) })

// How safe a change has to be: in words that every store takes, or by a number of replicas.
createSessions<{ theme?: string }>({ ...common, durability: 'replicated' })
createSessions<{ theme?: string }>({ ...common, durability: { replicas: 1, withinTimeout: 500 } })

// Data that JSON gives back as it was needs no codec, however deep; a Date does.
createSessions<{ cart: { sku: string; tags: readonly ('new' | 'sale')[]; price: number | null }[] }>({
  ...common,
  initial: () => ({ cart: [] }),
})
declare const codec: Codec
createSessions<{ seenAt?: Date }>({ ...common, codec })
