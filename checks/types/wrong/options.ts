// Options that would fail later are refused here.
import { createSessions } from '@holdfast/core'
import { memoryStore } from '@holdfast/core/memory'
import { z } from 'zod'

const common = { store: memoryStore(), secrets: [process.env.SESSION_SECRET] }

createSessions<{ cart: string[] }>(common) // error TS2345: Property 'initial' is missing
createSessions<{ cart: string[] }>({ ...common, initial: () => ({}) }) // error TS2741: Property 'cart' is missing
createSessions<{ seenAt?: Date }>(common) // error TS2345: Property 'codec' is missing
createSessions<{ tags?: Set<string> }>(common) // error TS2345: Property 'codec' is missing
createSessions<{ deep?: { inside: { at: Date }[] } }>(common) // error TS2345: Property 'codec' is missing
createSessions<{ theme?: string }>({ ...common, idleTimeOut: 1 }) // error TS2561: but 'idleTimeOut' does not exist
createSessions<{ theme?: string }>({ ...common, onUnavailable: 'ignore' }) // error TS2322: Type '"ignore"' is not assignable
createSessions<{ theme?: string }>({ ...common, durability: { replicas: 1 } }) // error TS2322: Property 'withinTimeout' is missing
createSessions<{ theme?: string }>({ ...common, cookie: { sameSite: 'Lax' } }) // error TS2820: Did you mean '"lax"'?
createSessions<{ theme?: string }>({ secrets: ['x'.repeat(32)] }) // error TS2345: Property 'store' is missing

createSessions({ ...common, schema: z.object({ cart: z.array(z.string()) }) }) // error TS2345: Property 'initial' is missing
createSessions({ ...common, schema: z.object({ at: z.string().transform((text) => text.length) }), initial: () => ({ at: 1 }) }) // error TS2322: its output has to be valid input
