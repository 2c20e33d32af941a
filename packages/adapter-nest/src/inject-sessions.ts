import { Inject } from '@nestjs/common'
import { SESSIONS } from './tokens.ts'

/**
 * Injects the manager of the `SessionModule`: for sessions outside a request, and for probes.
 *
 * @example
 * @Injectable()
 * export class Invitations {
 *   constructor(@InjectSessions() private readonly sessions: SessionManager<Data>) {}
 *
 *   async accept(user: User) {
 *     const { cookie } = await this.sessions.create({ cart: [] }, { subject: user.id })
 *     return cookie
 *   }
 * }
 */
export function InjectSessions(): PropertyDecorator & ParameterDecorator {
  return Inject(SESSIONS)
}
