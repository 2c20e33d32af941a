// Guards, interceptors, filters, decorators and middleware of one's own, on Express and on Fastify.
import { getSession, type SessionSource } from '@holdfast/adapter-nest'
import {
  Catch,
  createParamDecorator,
  Injectable,
  UnauthorizedException,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
  type NestMiddleware,
} from '@nestjs/common'
import type { NextFunction, Request, Response } from 'express'
import type { FastifyRequest } from 'fastify'
import { from, switchMap, type Observable } from 'rxjs'
import type { Equal } from '../../right/equal.ts'
import { sessions, type Data } from '../../right/sessions.ts'

@Injectable()
export class AdminGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const session = await getSession(context, sessions)
    const known: Equal<typeof session.data, Data> = true
    return known && session.data.user?.name === 'admin'
  }
}

@Injectable()
export class VisitInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return from(getSession(context, sessions, { fresh: true })).pipe(switchMap(() => next.handle()))
  }
}

@Catch(UnauthorizedException)
export class SignInFilter implements ExceptionFilter<UnauthorizedException> {
  async catch(error: UnauthorizedException, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp()
    const { outcome } = await getSession(http.getRequest<Request>())
    http.getResponse<Response>().status(error.getStatus()).send(outcome)
  }
}

@Injectable()
export class VisitMiddleware implements NestMiddleware {
  async use(request: Request, _response: Response, next: NextFunction): Promise<void> {
    await getSession(request, sessions)
    next()
  }
}

export const CurrentUser = createParamDecorator(async (_: unknown, context: ExecutionContext) => {
  const { data } = await getSession(context, sessions)
  return data.user
})

export async function cartOf(request: FastifyRequest): Promise<string[]> {
  return (await getSession(request, sessions)).data.cart
}

export async function isSignedIn(source: SessionSource): Promise<boolean> {
  return (await getSession(source)).subject !== undefined
}
