import type { IncomingMessage } from 'node:http'
import type { ExecutionContext } from '@nestjs/common'

/** A request of Express or Fastify, that of a WebSocket's handshake, or the context that a guard, an interceptor or a resolver is given. */
export type SessionSource = ExecutionContext | { readonly headers: object }

/** Node's request behind a source; undefined where there is none, as in a microservice. */
export function requestOf(source: SessionSource): IncomingMessage | undefined {
  const request = ('getType' in source ? requestOfContext(source) : source) as (IncomingMessage & { raw?: IncomingMessage }) | undefined
  // Fastify's request holds Node's, on which the middleware has run.
  return request?.headers === undefined ? undefined : (request.raw ?? request)
}

function requestOfContext(context: ExecutionContext): unknown {
  switch (context.getType<string>()) {
    case 'graphql':
      // Of a field (root, args, context, info) and of a federated reference (reference, context, info).
      return requestOfGraphql(context.getArgs().at(-2) as GraphqlContext | undefined)
    case 'ws':
      return context.switchToWs().getClient<{ readonly request?: unknown } | undefined>()?.request
    case 'rpc':
      return undefined
    default:
      return context.switchToHttp().getRequest()
  }
}

/** What Apollo's drivers, Mercurius and graphql-ws hand to resolvers. */
interface GraphqlContext {
  readonly req?: GraphqlContext
  readonly request?: GraphqlContext
  readonly reply?: { readonly request?: GraphqlContext }
  readonly extra?: { readonly request?: unknown }
}

function requestOfGraphql(context: GraphqlContext | undefined): unknown {
  const request = context?.req ?? context?.request ?? context?.reply?.request ?? context
  // Nest takes the context of graphql-ws for the request.
  return request?.extra?.request ?? request
}
