import type { ServerResponse } from 'node:http'
import type { ArgumentsHost } from '@nestjs/common'

/** Node's response to an HTTP request; in a middleware Fastify's is not there. */
export function nodeResponse(host: ArgumentsHost): ServerResponse {
  const response = host.switchToHttp().getResponse<ServerResponse & { readonly raw?: ServerResponse }>()
  return response.raw ?? response
}
