import type { AdapterHarness } from '@holdfast/core/testing'
import { listen } from '@holdfast/testbed'
import { withSession } from '@holdfast/example-adapters/fetch'
import { createAdaptorServer } from '@hono/node-server'
import type { Server } from 'node:http'

export const fetchHandler: AdapterHarness['serve'] = async (sessions, answer) => {
  const handler = withSession(sessions, async (request, getSession) => {
    const { method, url } = request
    const path = new URL(url).pathname
    if (!path.startsWith('/contract/')) return new Response(null, { status: 404 })
    const { status, headers, body } = await answer({ method, path, getSession })
    const content = typeof body === 'object' ? ReadableStream.from(body).pipeThrough(new TextEncoderStream()) : body
    return new Response(content ?? null, { status, headers: headers as [string, string][] })
  })
  return listen(createAdaptorServer({ fetch: (request) => handler(request) }) as Server)
}
