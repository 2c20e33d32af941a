// Options of the module, and sources of a session, that would fail later.
import { getSession, SessionModule } from '@holdfast/adapter-nest'
import type { ExecutionContext } from '@nestjs/common'
import { sessions, type Data } from '../../right/sessions.ts'

SessionModule.forRoot() // error TS2554: Expected 1 arguments, but got 0.
SessionModule.forRoot({}) // error TS2345: Property 'sessions' is missing
SessionModule.forRoot(sessions) // error TS2345: Property 'sessions' is missing
SessionModule.forRoot({ sessions, lazy: true }) // error TS2353: 'lazy' does not exist in type 'SessionModuleOptions'.
SessionModule.forRootAsync({ sessions }) // error TS2353: 'sessions' does not exist in type 'SessionModuleAsyncOptions'.
SessionModule.forRootAsync({ useFactory: async () => ({ sessions }) }) // error TS2322: is not assignable

export async function wrong(context: ExecutionContext): Promise<unknown> {
  await getSession('a cookie') // error TS2345: is not assignable to parameter of type 'SessionSource'.
  await getSession<Data>(context) // error TS2554: Expected 2-3 arguments, but got 1.
  await getSession(context, sessions, { refresh: true }) // error TS2561: Did you mean to write 'fresh'?
  return [
    (await getSession(context)).data.cart, // error TS2339: Property 'cart' does not exist on type 'SessionData'.
    (await getSession(context, sessions)).data.basket, // error TS2339: Property 'basket' does not exist on type 'Data'.
  ]
}
