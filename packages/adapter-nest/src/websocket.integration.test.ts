import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { shop, type Shop } from '@holdfast/test-shop'
import { UseGuards } from '@nestjs/common'
import { WsAdapter } from '@nestjs/platform-ws'
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway, type OnGatewayConnection } from '@nestjs/websockets'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { platforms, serve } from '../testing/platforms.ts'
import { CurrentSession, getSession, SessionGuard, SessionModule } from './index.ts'

@WebSocketGateway()
class ShopGateway implements OnGatewayConnection {
  async handleConnection(client: WebSocket & { request?: IncomingMessage }, request: IncomingMessage) {
    // What guards and handlers of messages find the session by; clients of Socket.IO have it.
    client.request = request
    const { subject = 'nobody' } = await getSession(request)
    client.send(JSON.stringify({ event: 'welcome', data: subject }))
  }

  @SubscribeMessage('cart')
  cart(@CurrentSession() session: CurrentSession<Shop>) {
    return { event: 'cart', data: session.data.cart }
  }

  @SubscribeMessage('add')
  @UseGuards(SessionGuard)
  async add(@CurrentSession() session: CurrentSession<Shop>, @MessageBody() sku: string) {
    session.update((data) => void data.cart.push(sku))
    await session.save()
    return { event: 'added', data: session.data.cart }
  }

  @SubscribeMessage('forgotten')
  forgotten(@CurrentSession() session: CurrentSession<Shop>, @ConnectedSocket() client: WebSocket) {
    session.data.cart.push('never saved')
    client.send(JSON.stringify({ event: 'forgotten', data: null }))
  }
}

describe.each(platforms)('a WebSocket on $platform', ({ makeAdapter }) => {
  const serveGateway = async () => {
    const made = shop()
    const served = await serve({ imports: [SessionModule.forRoot({ sessions: made.sessions })], providers: [ShopGateway] }, makeAdapter(), {
      prepare: (app) => app.useWebSocketAdapter(new WsAdapter(app)),
    })
    const connect = async (headers: Record<string, string> = {}) => {
      const socket = new WebSocket(served.origin.replace('http', 'ws'), { headers })
      onTestFinished(() => socket.terminate())
      const next = async () => JSON.parse(String((await once(socket, 'message'))[0])) as { event: string; data: unknown }
      const welcome = await next()
      const ask = async (event: string, data?: unknown) => {
        socket.send(JSON.stringify({ event, data }))
        return next()
      }
      return { welcome, ask }
    }
    return { ...made, connect }
  }

  test('the handshake of somebody signed in finds who it is', async () => {
    const { connect, sessions } = await serveGateway()
    const { cookie } = await sessions.create({ cart: [] }, { subject: 'ann' })
    expect((await connect({ cookie })).welcome).toEqual({ event: 'welcome', data: 'ann' })
    expect((await connect()).welcome).toEqual({ event: 'welcome', data: 'nobody' })
  })

  test('a message reads the session, and changes it with save()', async () => {
    const { connect, sessions } = await serveGateway()
    const { cookie } = await sessions.create({ cart: [] }, { subject: 'ann' })
    const { ask } = await connect({ cookie })
    expect(await ask('cart')).toEqual({ event: 'cart', data: [] })
    expect(await ask('add', 'apple')).toEqual({ event: 'added', data: ['apple'] })
    await ask('forgotten')
    expect((await sessions.open(cookie).load()).data.cart).toEqual(['apple'])
  })

  test('each message sees what has happened meanwhile: a change, and a sign-out', async () => {
    const { connect, sessions } = await serveGateway()
    const { cookie, session } = await sessions.create({ cart: [] }, { subject: 'ann' })
    const { ask } = await connect({ cookie })
    session.data.cart.push('pear')
    await session.save()
    expect(await ask('cart')).toEqual({ event: 'cart', data: ['pear'] })
    session.destroy()
    await session.save()
    expect(await ask('cart')).toEqual({ event: 'cart', data: [] })
    expect(await ask('add', 'apple')).toMatchObject({ event: 'exception', data: { message: 'Forbidden resource' } })
  })

  test('a store that does not answer is an exception of Nest, in words for the client', async () => {
    const { connect, sessions, store } = await serveGateway()
    const { cookie } = await sessions.create({ cart: [] }, { subject: 'ann' })
    const { ask } = await connect({ cookie })
    store.fault = () => 'fail'
    expect(await ask('cart')).toMatchObject({ event: 'exception', data: { message: 'Internal server error' } })
  })

  test('SessionGuard refuses strangers', async () => {
    const { connect } = await serveGateway()
    const { ask } = await connect()
    expect(await ask('add', 'apple')).toMatchObject({ event: 'exception', data: { message: 'Forbidden resource' } })
  })
})

describe('without a manager named', () => {
  test('a gateway finds that of the application that listens, where there are several', async () => {
    const connect = async () => {
      const { sessions } = shop()
      const { origin } = await serve(
        { imports: [SessionModule.forRoot({ sessions })], providers: [ShopGateway] },
        platforms[0].makeAdapter(),
        {
          prepare: (app) => app.useWebSocketAdapter(new WsAdapter(app)),
        },
      )
      const { cookie } = await sessions.create({ cart: [] }, { subject: 'ann' })
      return async () => {
        const socket = new WebSocket(origin.replace('http', 'ws'), { headers: { cookie } })
        onTestFinished(() => socket.terminate())
        return String((await once(socket, 'message'))[0])
      }
    }
    const [one, other] = [await connect(), await connect()]
    expect([await one(), await other()]).toEqual(Array.from({ length: 2 }, () => '{"event":"welcome","data":"ann"}'))
  })

  test('a request that no application has taken is told so', async () => {
    const request = { headers: { upgrade: 'websocket' }, socket: {} }
    await expect(getSession(request)).rejects.toMatchObject({ code: 'ERR_NO_MIDDLEWARE' })
    await expect(getSession({ headers: {} })).rejects.toThrow('import SessionModule.forRoot({ sessions }) in the root module')
  })
})
