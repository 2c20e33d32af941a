// #region harness
import type { AdapterHarness } from '@holdfast/core/testing'
import { addSessions } from '@holdfast/example-adapters/fastify'
import createApp from 'fastify'
import { Readable } from 'node:stream'

export const fastify: AdapterHarness['serve'] = async (sessions, answer) => {
  const app = createApp({ forceCloseConnections: true })
  const getSession = addSessions(app, sessions)
  app.all('/contract/*', async (request, reply) => {
    const { method, url: path } = request
    const { status, headers, body } = await answer({ method, path, getSession: (options) => getSession(request, options) })
    reply.code(status)
    for (const [name, value] of headers) reply.header(name, value)
    return reply.send(typeof body === 'object' ? Readable.from(body) : body)
  })
  return { url: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() }
}
// #endregion harness
