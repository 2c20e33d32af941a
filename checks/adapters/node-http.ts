import { isSessionError } from '@holdfast/core'
import { attachSession } from '@holdfast/core/node'
import type { AdapterHarness } from '@holdfast/core/testing'
import { listen } from '@holdfast/testbed'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'

export const nodeHttp: AdapterHarness['serve'] = async (sessions, answer) => {
  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/' } = req
    const opened = attachSession(sessions, req, res, { onCommitError: () => {} })
    try {
      if (!path.startsWith('/contract/')) return void res.writeHead(404).end()
      const { status, headers, body } = await answer({ method, path, getSession: (options) => opened.load(options) })
      res.writeHead(status, headers.flat())
      if (typeof body === 'object') await pipeline(body, res)
      else res.end(body)
    } catch (error) {
      if (isSessionError(error) && !res.headersSent) res.writeHead(error.status, error.headers).end()
      else res.destroy()
    }
  }
  return listen(createServer((req, res) => void handle(req, res)))
}
