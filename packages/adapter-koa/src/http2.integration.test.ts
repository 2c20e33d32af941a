import { once } from 'node:events'
import { connect, createServer, type IncomingHttpHeaders, type ServerHttp2Session } from 'node:http2'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { koas, type KoaVersion } from '../testing/koas.ts'
import { listen } from '../testing/serve-app.ts'
import { change, shopApp } from '../testing/shop-app.ts'

interface Answer {
  readonly headers: IncomingHttpHeaders & { readonly ':status'?: number }
  readonly body: string
}

/** Serves an application over HTTP/2 until the test has finished; answers what asks it for a path. */
async function serveHttp2(app: ReturnType<typeof shopApp>['app']) {
  const server = createServer(app.callback())
  const clients = new Set<ServerHttp2Session>()
  server.on('session', (client) => clients.add(client))
  const port = await listen(server as never, () => clients.forEach((client) => client.destroy()))
  const client = connect(`http://127.0.0.1:${port}`)
  onTestFinished(() => client.destroy())
  return async (path: string, { method = 'GET', cookie = '' } = {}): Promise<Answer> => {
    const stream = client.request({ ':path': path, ':method': method, ...(cookie !== '' && { cookie }) })
    const [[headers], body] = await Promise.all([once(stream, 'response'), text(stream)])
    return { headers: headers as Answer['headers'], body }
  }
}

function http2App(Koa: KoaVersion['Koa']) {
  const made = shopApp(Koa)
  made.router
    .get('/text', change, (ctx) => void (ctx.body = 'hello'))
    .get('/empty', change, (ctx) => void (ctx.body = null))
    .get('/redirect', change, (ctx) => ctx.redirect('/who'))
    .get('/stream', change, (ctx) => void (ctx.body = Readable.from(['first', ' last'])))
    .get('/throws', change, (ctx) => ctx.throw(418, 'teapot'))
    .get('/own', change, (ctx) => {
      ctx.respond = false
      ctx.res.writeHead(201, { 'x-own': 'yes' })
      ctx.res.end('own')
    })
    .get('/own-empty', change, (ctx) => {
      ctx.respond = false
      ctx.res.statusCode = 201
      ctx.res.end()
    })
    .get('/plain', (ctx) => void (ctx.body = 'plain'))
  return { ...made, app: made.app.use(made.router.routes()) as unknown as typeof made.app }
}

// Node warns once a process: this has to come first.
test('over HTTP/2, Node has nothing to warn of', async () => {
  const warnings: Error[] = []
  const take = (warning: Error): void => void warnings.push(warning)
  process.on('warning', take)
  onTestFinished(() => void process.off('warning', take))
  const [, { Koa }] = koas
  const { app, failWrites } = http2App(Koa)
  const request = await serveHttp2(app)
  for (const path of ['/text', '/own', '/stream', '/throws']) await request(path)
  failWrites()
  for (const path of ['/text', '/own']) await request(path)
  expect(warnings).toEqual([])
})

describe.each(koas)('over HTTP/2, on Koa $version', ({ Koa }) => {
  test.each([
    ['/text', 200, 'hello'],
    ['/empty', 204, ''],
    ['/redirect', 302, expect.stringContaining('Redirecting')],
    ['/stream', 200, 'first last'],
    ['/throws', 418, 'teapot'],
    ['/own', 201, 'own'],
    ['/own-empty', 201, ''],
  ])('%s: the session is saved, and its cookie is sent', async (path, status, body) => {
    const { app, errors } = http2App(Koa)
    const request = await serveHttp2(app)
    const answer = await request(path)
    expect([answer.headers[':status'], answer.body]).toEqual([status, body])
    expect(answer.headers['set-cookie']).toEqual([expect.stringContaining('__Host-session=')])
    expect(answer.headers.vary).toBe('Cookie')
    const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    expect((await request('/who', { cookie })).body).toBe('ann')
    expect(errors.filter((error) => (error as Error).message !== 'teapot')).toEqual([])
  })

  test.each(['/text', '/redirect', '/stream', '/throws', '/own', '/own-empty'])(
    '%s: a commit that fails is 503 with Retry-After',
    async (path) => {
      const { app, failWrites } = http2App(Koa)
      failWrites()
      const { headers } = await (await serveHttp2(app))(path)
      expect([headers[':status'], headers['retry-after'], headers['set-cookie'], headers.location]).toEqual([
        503,
        '1',
        undefined,
        undefined,
      ])
    },
  )

  test('a request that never asks for its session costs nothing', async () => {
    const { app, store } = http2App(Koa)
    expect((await (await serveHttp2(app))('/plain')).headers.vary).toBeUndefined()
    expect(store.calls).toEqual([])
  })
})

// Koa 2 never answers HEAD over HTTP/2.
test('over HTTP/2, on Koa 3.3, HEAD gets the cookie too', async () => {
  const [, { Koa }] = koas
  const { headers } = await (await serveHttp2(http2App(Koa).app))('/text', { method: 'HEAD' })
  expect([headers[':status'], headers['set-cookie']?.length]).toEqual([200, 1])
})
