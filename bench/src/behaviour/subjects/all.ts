import type { Subject } from '../subject.ts'
import { expressSession } from './express-session.ts'
import { fastifySession } from './fastify-session.ts'
import { holdfast } from './holdfast.ts'
import { honoSessions } from './hono-sessions.ts'
import { ironSession } from './iron-session.ts'
import { koaSession } from './koa-session.ts'

/** In the order of their columns. */
export const subjects: readonly Subject[] = [
  holdfast('plain change'),
  holdfast('update()'),
  expressSession,
  fastifySession,
  koaSession,
  honoSessions,
  ironSession,
]
