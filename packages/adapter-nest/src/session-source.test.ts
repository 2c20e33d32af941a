import type { IncomingMessage } from 'node:http'
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js'
import { describe, expect, test } from 'vitest'
import { requestOf } from './session-source.ts'

const raw = { headers: {} } as IncomingMessage
const upgraded = Object.assign({ headers: {} } as IncomingMessage, { upgrade: true })

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
  ])('%s', (_, source) => {
    const found = requestOf(source)
    expect(found).toEqual({ request: raw, isHandshake: false })
    expect(found?.request).toBe(raw)
  })
})

describe('the request of a handshake is found', () => {
  test.each([
    ['in itself', upgraded, upgraded],
    ['behind a request of Fastify', { headers: {}, raw: upgraded }, upgraded],
    ['in a client that carries it', { request: raw }, raw],
    ['in the context of a message', context('ws', { request: raw }, 'data'), raw],
    ['in that of graphql-ws', context('graphql', undefined, {}, { extra: { request: raw } }, {}), raw],
    [
      'in that of graphql-ws, which Nest takes for a request',
      context('graphql', undefined, {}, { req: { extra: { request: raw } } }, {}),
      raw,
    ],
  ])('%s', (_, source, request) => {
    const found = requestOf(source)
    expect(found).toEqual({ request, isHandshake: true })
    expect(found?.request).toBe(request)
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
