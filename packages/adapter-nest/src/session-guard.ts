import { sessionError } from '@holdfast/core'
import { UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common'
import { getSession } from './get-session.ts'

/**
 * Lets a request pass when its session has a `subject`: when somebody signed in with `regenerate({ subject })`. Else it is
 * answered with 401, a message of a WebSocket with Nest's own refusal. A store that does not answer is 503, also under
 * `onUnavailable: 'anonymous'`: an outage is no sign-out. Under `'stale'` whoever a copy says is signed in passes.
 *
 * @example
 * @UseGuards(SessionGuard)
 * @Controller('orders')
 * export class OrdersController {}
 *
 * @example
 * // For every route
 * providers: [{ provide: APP_GUARD, useClass: SessionGuard }]
 */
export class SessionGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { subject, outcome } = await getSession(context)
    if (subject !== undefined) return true
    if (outcome === 'unavailable')
      throw sessionError('ERR_UNAVAILABLE', 'SessionGuard cannot tell who is signed in: the session store does not answer.')
    // The exceptions of HTTP mean nothing there.
    if (context.getType() === 'ws') return false
    throw new UnauthorizedException()
  }
}
