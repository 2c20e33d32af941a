import { startRedis, type RedisServer } from '@holdfast/testbed'
import express from 'express'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { isSessionError } from '../errors.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { redisStore } from '../stores/redis/redis-store.ts'
import { adapterContract } from '../testing/adapter-contract.ts'
import type { AdapterHarness } from '../testing/adapter-contract/subject.ts'
import { listen } from '../testing/listen.ts'
import { attachSession } from './attach-session.ts'
import { getSession } from './get-session.ts'
import { sessionMiddleware } from './session-middleware.ts'

const quietly = { onCommitError: () => {} }

const underExpress: AdapterHarness['serve'] = async (sessions, answer) => {
  const app = express().set('env', 'test').use(sessionMiddleware(sessions, quietly))
  app.all('/contract/*path', async (req, res) => {
    const { method, path } = req
    const { status, headers, body } = await answer({ method, path, getSession: (options) => getSession(req, sessions, options) })
    res.status(status)
    for (const [name, value] of headers) res.append(name, value)
    if (typeof body === 'object') await pipeline(body, res)
    else res.end(body)
  })
  return listen(app)
}

const onNodeHttp: AdapterHarness['serve'] = async (sessions, answer) =>
  listen(async (req, res) => {
    const { method = 'GET', url: path = '/' } = req
    const opened = attachSession(sessions, req, res, quietly)
    try {
      if (!path.startsWith('/contract/')) return res.writeHead(404).end()
      const { status, headers, body } = await answer({ method, path, getSession: (options) => opened.load(options) })
      res.writeHead(status, headers.flat())
      if (typeof body === 'object') await pipeline(body, res)
      else res.end(body)
    } catch (error) {
      if (isSessionError(error) && !res.headersSent) res.writeHead(error.status, error.headers).end()
      else res.destroy()
    }
  })

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.close())

for (const [name, serve] of Object.entries({ Express: underExpress, 'node:http': onNodeHttp })) {
  describe(`${name} on memory`, () => {
    adapterContract({ describe, test }, { serve, makeStore: () => memoryStore() })
  })
  describe(`${name} on Redis`, () => {
    adapterContract({ describe, test }, { serve, makeStore: () => redisStore({ url: redis.url }) })
  })
}
