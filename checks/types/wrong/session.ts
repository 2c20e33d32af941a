// What the session itself refuses.
import { getSession, sessionMiddleware } from '@holdfast/adapter-hono'
import { Hono } from 'hono'
import { sessions } from '../right/sessions.ts'

new Hono().use(sessionMiddleware(sessions)).get('/', async (c) => {
  const session = await getSession(c)
  session.user = { id: 'u1' } // error TS2339: Property 'user' does not exist on type 'Session<Data>'.
  session.id = 'mine' // error TS2540: Cannot assign to 'id' because it is a read-only property.
  session.regenerate(() => undefined) // error TS2559: has no properties in common with type 'RegenerateOptions'.
  session.update(async (data) => data.cart.push('a')) // error TS2741: update() runs its function again after a conflict: it must not be async
  await session.save(() => undefined) // error TS2559: has no properties in common with type 'SaveOptions'.
  await session.save({ durability: 2 }) // error TS2322: Type 'number' is not assignable to type 'Durability
  return c.text(session.outcome === 'gone' ? 'gone' : 'here') // error TS2367: This comparison appears to be unintentional
})
