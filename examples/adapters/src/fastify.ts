// #region adapter
import { applyHeaders, belongsToAnswer, findOpened, placeOpened, type LoadOptions, type SessionManager } from '@holdfast/core'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/**
 * Puts sessions under a Fastify application, and answers `getSession(request)` for its routes. Call it first, on the application
 * itself and not inside a plugin.
 */
export function addSessions<Data extends object>(app: FastifyInstance, sessions: SessionManager<Data>) {
  const open = (request: FastifyRequest) => sessions.open(request.headers.cookie, { secure: request.protocol === 'https' })
  app.addHook('onRequest', async (request) => placeOpened(request, sessions, open(request)))
  app.addHook('onSend', async (request, reply, payload: { destroy?: () => void } | null | undefined) => {
    // Fastify's `header` appends Set-Cookie by itself.
    const put = (name: string, value: string) => reply.header(name, value)
    try {
      applyHeaders((await findOpened(request, sessions)?.commit()) ?? [], { get: (name) => reply.getHeader(name), set: put, append: put })
    } catch (error) {
      for (const name of Object.keys(reply.getHeaders())) if (belongsToAnswer(name)) reply.removeHeader(name)
      payload?.destroy?.() // a stream, that nobody reads now
      // The error's own answer comes by here too, and has nothing to wait for.
      placeOpened(request, sessions, open(request))
      throw error
    }
  })
  app.addHook('onResponse', async (request) => findOpened(request, sessions)?.end())
  return (request: FastifyRequest, options?: LoadOptions) => findOpened(request, sessions)!.load(options)
}
// #endregion adapter
