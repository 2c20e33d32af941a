import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createAdaptorServer } from '@hono/node-server'
import { freePort } from '@holdfast/testbed'
import { expect, onTestFinished, test } from 'vitest'
import { frontDoor } from './front-door.ts'

test('passes on what the browser sent, and all cookies and redirects of the answer', async () => {
  const door = await openDoor(async (req, res) => {
    const { method, url, headers } = req
    const seen = JSON.stringify({ method, url, cookie: headers.cookie, body: await text(req) })
    res.writeHead(303, { location: '/?next', 'set-cookie': ['a=1; Path=/', 'b=2; Path=/'], 'x-seen': seen }).end()
  })
  const answer = await fetch(`${door}/cart/rope?with=care`, {
    method: 'POST',
    body: new URLSearchParams({ name: 'Ada' }),
    headers: { cookie: 'c=3', origin: door },
    redirect: 'manual',
  })
  expect(answer.status).toBe(303)
  expect(answer.headers.get('location')).toBe('/?next')
  expect(answer.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2; Path=/'])
  expect(JSON.parse(answer.headers.get('x-seen') ?? '')).toEqual({
    method: 'POST',
    url: '/cart/rope?with=care',
    cookie: 'c=3',
    body: 'name=Ada',
  })
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
})

test('passes on the first byte before there is a last', async () => {
  let finish = (): void => {}
  const door = await openDoor((_req, res) => {
    res.write('first')
    finish = () => res.end(' last')
  })
  const answer = await fetch(door)
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
  expect(await reader.read()).toEqual({ done: false, value: 'first' })
  finish()
  expect(await reader.read()).toEqual({ done: false, value: ' last' })
})

test('keeps its connection to a server', async () => {
  const ports = new Set<number | undefined>()
  const door = await openDoor((req, res) => {
    ports.add(req.socket.remotePort)
    res.end()
  })
  for (const _ of [1, 2, 3]) await (await fetch(door)).text()
  expect(ports.size).toBe(1)
})

test('a server that does not answer is a 503 that says when to come back, and so is no server at all', async () => {
  for (const origin of [`http://127.0.0.1:${await freePort()}`, undefined]) {
    const answer = await fetch(await openDoorTo(origin))
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(await answer.text()).toContain(`${origin === undefined ? 'Every server' : 'Koa'} is gone`)
  }
})

async function openDoor(listener: RequestListener): Promise<string> {
  return openDoorTo(await listen(createServer(listener)))
}

async function openDoorTo(origin: string | undefined): Promise<string> {
  const fleet = { servers: [{ name: 'Koa', origin }], place: 'memory', crew: '', loseStore: async () => {}, close: async () => {} } as const
  return listen(createAdaptorServer(frontDoor(fleet)) as Server)
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
