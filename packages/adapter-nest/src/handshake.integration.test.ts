import { once } from 'node:events'
import { request as send, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { isSessionError } from '@holdfast/core'
import { shop, type Shop } from '@holdfast/test-shop'
import { freePort } from '@holdfast/testbed'
import { Controller, Get, Req } from '@nestjs/common'
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js'
import { WsAdapter } from '@nestjs/platform-ws'
import { WebSocketGateway } from '@nestjs/websockets'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { platforms, serve } from '../testing/platforms.ts'
import { getSession, SessionModule } from './index.ts'

/** A client of a gateway on Socket.IO: it knows the request that it began with. */
interface Client {
  readonly request: IncomingMessage
}

/** Takes requests from a server before its application does, as Socket.IO takes its clients' first ones. */
function takeRequests(server: Server, path: string): Promise<Client> {
  const applications = server.listeners('request') as RequestListener[]
  server.removeAllListeners('request')
  return new Promise((resolve) => {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      if (request.url !== path) {
        for (const application of applications) application.call(server, request as never, response as never)
        return
      }
      response.end('polled', () => resolve({ request }))
    })
  })
}

function messageOf(client: Client): ExecutionContextHost {
  const context = new ExecutionContextHost([client, 'data'])
  context.setType('ws')
  return context
}

describe.each(platforms)('a client that began with a plain request, on $platform', ({ makeAdapter }) => {
  const connect = async (options?: { subject: string }) => {
    const made = shop()
    const { app, origin } = await serve({ imports: [SessionModule.forRoot({ sessions: made.sessions })] }, makeAdapter())
    const connected = takeRequests(app.getHttpServer(), '/socket.io/')
    const { cookie, session } = await made.sessions.create({ cart: ['tea'] }, options)
    expect(await (await fetch(`${origin}/socket.io/`, { headers: { cookie } })).text()).toBe('polled')
    return { ...made, client: await connected, cookie, session }
  }

  test('its messages and its connection find the session, which is asked for anew each time', async () => {
    const { client, session } = await connect({ subject: 'ann' })
    expect((await getSession(client)).subject).toBe('ann')
    expect((await getSession(messageOf(client))).subject).toBe('ann')
    session.destroy()
    await session.save()
    expect((await getSession(messageOf(client))).outcome).toBe('ended')
  })

  test('the manager can be named, and options given', async () => {
    const { client, sessions, store } = await connect()
    expect((await getSession(client, sessions)).data.cart).toEqual(['tea'])
    store.fault = () => 'fail'
    expect((await getSession(client, sessions, { onUnavailable: 'anonymous' })).outcome).toBe('unavailable')
  })

  test('its request alone is told what to give: in another place it would be one that no middleware has met yet', async () => {
    const { client } = await connect()
    await expect(getSession(client.request)).rejects.toThrow('In a gateway, give getSession() the client.')
  })
})

describe('the session of a handshake', () => {
  const open = async () => {
    const made = shop()
    const { app, origin } = await serve({ imports: [SessionModule.forRoot({ sessions: made.sessions })] }, platforms[0].makeAdapter())
    const { cookie } = await made.sessions.create({ cart: [] }, { subject: 'ann' })
    const handshake = once(app.getHttpServer(), 'upgrade') as Promise<[IncomingMessage, Socket]>
    const client = new WebSocket(origin.replace('http', 'ws'), { headers: { cookie } }).on('error', () => {})
    const [request, socket] = await handshake
    onTestFinished(() => {
      client.terminate()
      socket.destroy()
    })
    return { ...made, cookie, request }
  }

  test('takes changes, new data and a sign-out by save(), and no property of one’s own', async () => {
    const { cookie, request, sessions } = await open()
    const session = await getSession(request, sessions)
    session.data = { cart: ['apple'] }
    session.update((data) => void data.cart.push('pear'))
    await session.save()
    expect((await sessions.open(cookie).load()).data.cart).toEqual(['apple', 'pear'])
    expect(() => Object.assign(session, { user: 'ann' })).toThrow(TypeError)
    session.destroy()
    await session.save()
    expect((await sessions.open(cookie).load()).outcome).toBe('ended')
  })

  test('refuses a new token, which could not reach the browser: the old one stays good', async () => {
    const { cookie, request, sessions } = await open()
    const session = await getSession(request, sessions)
    expect(() => session.regenerate({ subject: 'bob' })).toThrow(expect.objectContaining({ code: 'ERR_COMMITTED' }))
    session.data.cart.push('apple')
    await session.save()
    expect(await sessions.open(cookie).load()).toMatchObject({ outcome: 'live', subject: 'ann', data: { cart: ['apple'] } })
  })

  test('ends no process where an outage comes before somebody awaits it', async () => {
    const { request, sessions, store } = await open()
    store.fault = () => 'fail'
    const session = getSession(request, sessions)
    await new Promise(setImmediate)
    await expect(session).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
  })
})

describe('beside an application with SessionModule', () => {
  test.each(platforms)('one without it is told so on $platform, whatever headers a client sends', async ({ makeAdapter }) => {
    const { sessions } = shop()
    await serve({ imports: [SessionModule.forRoot({ sessions })] }, makeAdapter())

    @Controller()
    class ForgetfulController {
      @Get()
      async who(@Req() request: IncomingMessage) {
        try {
          return (await getSession(request)).subject
        } catch (error) {
          return isSessionError(error) && error.code
        }
      }
    }
    const { origin } = await serve({ controllers: [ForgetfulController] }, makeAdapter())
    const { cookie } = await sessions.create({ cart: [] }, { subject: 'ann' })
    for (const headers of [{}, { upgrade: 'websocket' }, { upgrade: 'websocket', connection: 'Upgrade' }]) {
      const [answer] = (await once(send(origin, { headers: { cookie, ...headers } }).end(), 'response')) as [IncomingMessage]
      expect(String(await answer.setEncoding('utf8').toArray())).toBe('ERR_NO_MIDDLEWARE')
    }
  })

  test('one that could not be made does not count: a gateway on a port of its own finds the manager of the other', async () => {
    const port = await freePort()

    @WebSocketGateway(port)
    class OwnPortGateway {
      async handleConnection(client: WebSocket, request: IncomingMessage) {
        const { subject } = await getSession(request)
        client.send(subject ?? 'nobody')
      }
    }
    const unreachable = { provide: 'database', useFactory: () => Promise.reject(new Error('no database yet')) }
    const failing = serve({ imports: [SessionModule.forRoot(shop())], providers: [unreachable] }, platforms[0].makeAdapter())
    await expect(failing).rejects.toThrow('no database yet')

    const { sessions } = shop()
    await serve({ imports: [SessionModule.forRoot({ sessions })], providers: [OwnPortGateway] }, platforms[0].makeAdapter(), {
      prepare: (app) => app.useWebSocketAdapter(new WsAdapter(app)),
    })
    const { cookie } = await sessions.create({ cart: [] } satisfies Shop, { subject: 'ann' })
    const client = new WebSocket(`ws://127.0.0.1:${port}`, { headers: { cookie } })
    onTestFinished(() => client.terminate())
    expect(String((await once(client, 'message'))[0])).toBe('ann')
  })
})
