import type { IncomingMessage } from 'node:http'

/** What is used of a Fastify instance. */
interface Fastify {
  hasRequestDecorator(name: string): boolean
  decorateRequest(
    name: string,
    accessor: { getter(this: FastifyRequest): unknown; setter(this: FastifyRequest, value: unknown): void },
  ): unknown
}

interface FastifyRequest {
  readonly raw: IncomingMessage & { session?: unknown }
}

/** Shows `session` of Node's request, where middleware puts it, on Fastify's, where Nest's `@Session()` and Passport look. */
export function shareSessionProperty(fastify: Fastify): void {
  if (fastify.hasRequestDecorator('session')) return
  fastify.decorateRequest('session', {
    getter() {
      return this.raw.session
    },
    setter(value) {
      this.raw.session = value
    },
  })
}
