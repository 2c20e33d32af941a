import type { AdapterHarness } from '@holdfast/core/testing'
import { express } from './express.ts'
import { fastify } from './fastify.ts'
import { fetchHandler } from './fetch.ts'
import { hono } from './hono.ts'
import { nodeHttp } from './node-http.ts'

/** An application of each framework, as `adapterContract` asks for it. */
export const harnesses: Readonly<Record<string, AdapterHarness['serve']>> = {
  Hono: hono,
  Express: express,
  'node:http': nodeHttp,
  Fastify: fastify,
  'a Fetch handler': fetchHandler,
}
