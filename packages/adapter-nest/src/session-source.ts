import type { IncomingMessage } from 'node:http'
import type { ExecutionContext } from '@nestjs/common'

/**
 * Where a session is asked for: the context that a guard, an interceptor or a resolver is given; a request of Express or Fastify,
 * or that of a WebSocket's handshake; a gateway's client that carries the request of its handshake, as those of Socket.IO do.
 */
export type SessionSource = ExecutionContext | { readonly headers: object } | { readonly request: { readonly headers: object } }

/** Node's request behind a source. */
export interface FoundRequest {
  readonly request: IncomingMessage
  /** It began a connection of messages: no middleware has run for it, and no answer follows with which a change would be saved. */
  readonly isHandshake: boolean
}

/** Undefined where there is none, as in a microservice. */
export function requestOf(source: SessionSource): FoundRequest | undefined {
  if ('getType' in source) return requestOfContext(source)
  return 'headers' in source ? requestToServer(source) : requestOfClient(source)
}

function requestOfContext(context: ExecutionContext): FoundRequest | undefined {
  switch (context.getType<string>()) {
    case 'graphql':
      // Of a field (root, args, context, info) and of a federated reference (reference, context, info).
      return requestOfGraphql(context.getArgs().at(-2) as GraphqlContext | undefined)
    case 'ws':
      return requestOfClient(context.switchToWs().getClient())
    case 'rpc':
      return undefined
    default:
      return requestToServer(context.switchToHttp().getRequest())
  }
}

/** What Apollo's drivers, Mercurius and graphql-ws hand to resolvers. */
interface GraphqlContext {
  readonly req?: GraphqlContext
  readonly request?: GraphqlContext
  readonly reply?: { readonly request?: GraphqlContext }
  readonly extra?: { readonly request?: unknown }
}

function requestOfGraphql(context: GraphqlContext | undefined): FoundRequest | undefined {
  const request = context?.req ?? context?.request ?? context?.reply?.request ?? context
  // Nest takes the context of graphql-ws for the request.
  return request?.extra === undefined ? requestToServer(request) : requestOfClient(request.extra)
}

// Whatever its headers say: Socket.IO's clients begin with plain requests, which it takes before any middleware runs.
function requestOfClient(client: { readonly request?: unknown } | undefined): FoundRequest | undefined {
  const request = rawRequest(client?.request)
  return request && { request, isHandshake: true }
}

// Node notes which requests it gave to the listeners of 'upgrade'. Their headers say less: a client may send them to any handler.
function requestToServer(source: unknown): FoundRequest | undefined {
  const request = rawRequest(source)
  return request && { request, isHandshake: (request as { readonly upgrade?: unknown }).upgrade === true }
}

function rawRequest(source: unknown): IncomingMessage | undefined {
  const request = source as (IncomingMessage & { readonly raw?: IncomingMessage }) | undefined
  // Fastify's request holds Node's, on which the middleware has run.
  return request?.headers === undefined ? undefined : (request.raw ?? request)
}
