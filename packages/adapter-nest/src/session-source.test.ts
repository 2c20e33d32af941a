import type { IncomingMessage } from 'node:http'
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js'
import { describe, expect, test } from 'vitest'
import { requestOf } from './session-source.ts'

const raw = { headers: {} } as IncomingMessage

function context(type: string, ...args: unknown[]): ExecutionContextHost {
  const host = new ExecutionContextHost(args)
  host.setType(type)
  return host
}

describe('Node’s request is found', () => {
  test.each([
    ['in itself', raw],
    ['behind a request of Fastify', { headers: {}, raw }],
    ['in the context of a controller', context('http', raw, {}, () => {})],
    ['in that of a resolver', context('graphql', undefined, {}, { req: raw }, {})],
    ['on Fastify', context('graphql', undefined, {}, { req: { headers: {}, raw } }, {})],
    ['in that of a federated reference', context('graphql', {}, { req: raw }, {})],
    ['in the context of Mercurius', context('graphql', undefined, {}, { reply: { request: { headers: {}, raw } } }, {})],
    ['in that of graphql-ws', context('graphql', undefined, {}, { extra: { request: raw } }, {})],
    ['in that of a client of Socket.IO', context('ws', { request: raw }, 'data')],
  ])('%s', (_, source) => {
    expect(requestOf(source)).toBe(raw)
  })
})

describe('there is none', () => {
  test.each([
    ['in a microservice', context('rpc', { headers: {} }, {})],
    ['for a client that does not keep it', context('ws', {}, 'data')],
    ['in a context of GraphQL that says nothing of it', context('graphql', undefined, {}, {}, {})],
    ['without a context of GraphQL', context('graphql', undefined, {}, undefined, {})],
  ])('%s', (_, source) => {
    expect(requestOf(source)).toBeUndefined()
  })
})
