import { getSession, sessionMiddleware } from '@holdfast/core/node'
import type { AdapterHarness } from '@holdfast/core/testing'
import { listen } from '@holdfast/testbed'
import createApp from 'express'
import { createServer } from 'node:http'
import { pipeline } from 'node:stream/promises'

export const express: AdapterHarness['serve'] = async (sessions, answer) => {
  const app = createApp()
    .set('env', 'test') // logs no errors
    .use(sessionMiddleware(sessions, { onCommitError: () => {} }))
  app.all('/contract/*path', async (req, res) => {
    const { method, path } = req
    const { status, headers, body } = await answer({ method, path, getSession: (options) => getSession(req, sessions, options) })
    res.status(status)
    for (const [name, value] of headers) res.append(name, value)
    if (typeof body === 'object') await pipeline(body, res)
    else res.end(body)
  })
  return listen(createServer(app))
}
