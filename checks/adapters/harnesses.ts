import type { AdapterHarness } from '@holdfast/core/testing'
import { express } from './express.ts'
import { fastify } from './fastify.ts'
import { fetchHandler } from './fetch.ts'
import { hono } from './hono.ts'
import { koa } from './koa.ts'
import { koa2 } from './koa-2.ts'
import { nestExpress } from './nest-express.ts'
import { nestFastify } from './nest-fastify.ts'
import { nodeHttp } from './node-http.ts'

/** An application of each framework, as `adapterContract` asks for it. */
export const harnesses: Readonly<Record<string, AdapterHarness['serve']>> = {
  Hono: hono,
  'Koa 3': koa,
  'Koa 2': koa2,
  'Nest on Express': nestExpress,
  'Nest on Fastify': nestFastify,
  Express: express,
  Fastify: fastify,
  'node:http': nodeHttp,
  'a Fetch handler': fetchHandler,
}
