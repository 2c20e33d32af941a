import { applyHeaders, belongsToAnswer, findOpened, loadOpened, placeOpened } from '@holdfast/core'
import type { LoadOptions, Session, SessionManager } from '@holdfast/core'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** Puts sessions under a Fastify application. Call it before the routes, on the application itself and not inside a plugin. */
export function addSessions<Data extends object>(app: FastifyInstance, sessions: SessionManager<Data>): void {
  const open = (request: FastifyRequest) => sessions.open(request.headers.cookie, { secure: request.protocol === 'https' })
  app.addHook('onRequest', async (request) => placeOpened(request, sessions, open(request)))
  app.addHook('onSend', async (request, reply) => {
    // Fastify's `header` appends Set-Cookie by itself.
    const put = (name: string, value: string) => reply.header(name, value)
    try {
      applyHeaders((await findOpened(request, sessions)?.commit()) ?? [], { get: (name) => reply.getHeader(name), set: put, append: put })
    } catch (error) {
      for (const name of Object.keys(reply.getHeaders())) if (belongsToAnswer(name)) reply.removeHeader(name)
      throw error
    }
  })
  app.addHook('onResponse', async (request) => findOpened(request, sessions)?.end())
}

/** The request's session. The store is asked here, once, and not before. */
export const getSession = <Data extends object>(request: FastifyRequest, sessions: SessionManager<Data>, options?: LoadOptions) =>
  loadOpened(request, sessions, options, 'call addSessions(app, sessions) before the routes') as Promise<Session<Data>>
