import { once } from 'node:events'
import { type IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createSessions } from '../session/manager.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { deferred } from '../testing/deferred.ts'
import { faultyStore, type StoreCall } from '../testing/faulty-store.ts'
import { listen, type Listening } from '../testing/listen.ts'
import { attachSession } from './attach-session.ts'

type Handler = (req: IncomingMessage, res: ServerResponse) => unknown

async function serve(listener: Handler): Promise<Listening> {
  const listening = await listen(listener)
  onTestFinished(() => listening.close())
  return listening
}

function world() {
  const store = faultyStore(memoryStore())
  const errors: unknown[] = []
  const sessions = createSessions<{ visits: number }>({
    store,
    secrets: ['x'.repeat(32)],
    initial: () => ({ visits: 0 }),
    requestTimeout: 300,
  })
  return {
    store,
    sessions,
    errors,
    puts: () => store.calls.filter(({ method }) => method === 'put').length,
    /** Every request changes its session, then answers. */
    changing: (handler: Handler): Promise<Listening> =>
      serve(async (req, res) => {
        const session = await attachSession(sessions, req, res, { onCommitError: (error) => errors.push(error) }).load()
        session.data.visits += 1
        await handler(req, res)
      }),
  }
}

/** Holds every put of a store back until it is let go. */
function holdPuts(store: ReturnType<typeof faultyStore>) {
  const reached = deferred()
  const release = deferred()
  store.fault = async ({ method }: StoreCall) => {
    if (method !== 'put') return undefined
    reached.resolve()
    await release.promise
    return undefined
  }
  return { reached: reached.promise, release: release.resolve }
}

async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await turn()
}

/** One request over a socket of its own: the bytes of the answer, as they came. */
async function exchange(port: number, method = 'GET', path = '/'): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n`)
  let text = ''
  for await (const chunk of socket.setEncoding('latin1')) text += chunk
  return text
}

/** What is ours, and what differs from one moment to the next. */
function withoutOurs(answer: string): string {
  return answer.replace(/^(?:Set-Cookie: __Host-session=.*|Vary: Cookie|Cache-Control: private, no-cache|Date: .*)\r\n/gm, '')
}

const chunks = ['one ', 'two ', 'three']
const answers: Record<string, Handler> = {
  'writeHead(status)': (_, res) => res.writeHead(201).end('made'),
  'writeHead(status, reason)': (_, res) => res.writeHead(202, 'Quite So').end(),
  'writeHead(status, reason, headers)': (_, res) => res.writeHead(200, 'Fine', { 'X-One': '1', 'Set-Cookie': ['a=1', 'b=2'] }).end('x'),
  'writeHead(status, headers)': (_, res) => res.writeHead(200, { 'Content-Length': 4, 'Content-Type': 'text/plain' }).end('text'),
  'writeHead(status, undefined, headers)': (_, res) => (res.writeHead as Function)(200, undefined, { 'X-One': '1' }).end('x'),
  'writeHead(status, flat array)': (_, res) => res.writeHead(200, ['X-One', '1', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']).end('x'),
  'writeHead(status, array of pairs)': (_, res) =>
    res
      .writeHead(200, [
        ['X-One', '1'],
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ] as never)
      .end('x'),
  'writeHead over setHeader': (_, res) => res.setHeader('X-One', 'old').setHeader('X-Two', '2').writeHead(200, { 'x-one': 'new' }).end(),
  'setHeader, statusCode and statusMessage': (_, res) => {
    res.setHeader('X-One', '1')
    res.statusCode = 418
    res.statusMessage = 'Teapot'
    res.end('short')
  },
  'end()': (_, res) => res.end(),
  'end(text)': (_, res) => res.end('text'),
  'end(text, encoding)': (_, res) => res.end('c3a9', 'hex'),
  'end(bytes)': (_, res) => res.end(new Uint8Array([104, 105])),
  'end(callback)': async (_, res) => new Promise<void>((resolve) => res.end(resolve)),
  'end(text, callback)': async (_, res) => new Promise<void>((resolve) => res.end('text', resolve)),
  'end(text, encoding, callback)': async (_, res) => new Promise<void>((resolve) => res.end('text', 'latin1', resolve)),
  'write and end': (_, res) => {
    for (const chunk of chunks) res.write(chunk)
    res.end('.')
  },
  'write(text, encoding, callback)': async (_, res) => {
    await new Promise((resolve) => res.write('c3a9', 'hex', resolve))
    res.end('.')
  },
  'write(text, callback)': async (_, res) => {
    for (const chunk of chunks) await new Promise((resolve) => res.write(chunk, resolve))
    res.end()
  },
  pipe: (_, res) => Readable.from(chunks).pipe(res),
  pipeline: async (_, res) => pipeline(Readable.from(chunks), res),
  flushHeaders: async (_, res) => {
    res.setHeader('X-One', '1')
    res.flushHeaders()
    await turns()
    res.end('late')
  },
  'a body that a HEAD request does not get': (_, res) => res.writeHead(200, { 'Content-Length': '4' }).end('text'),
  'not modified': (_, res) => res.writeHead(304, { ETag: '"1"' }).end(),
  'no content': (_, res) => res.writeHead(204).end(),
  redirect: (_, res) => res.writeHead(303, { Location: '/there' }).end(),
  trailers: (_, res) => {
    res.writeHead(200, { Trailer: 'X-Sum' })
    res.write('body')
    res.addTrailers({ 'X-Sum': '7' })
    res.end()
  },
  'changes after the head was sent': (_, res) => {
    res.setHeader('X-One', '1')
    res.write('one')
    res.statusCode = 500
    res.end('two')
  },
}

describe('what the handlers send leaves as it would without the gate', () => {
  for (const [name, handler] of Object.entries(answers)) {
    test(`S30: ${name}: exactly one Set-Cookie of ours is added`, async () => {
      const { changing, errors } = world()
      const gated = await changing(handler)
      const plain = await serve(async (req, res) => void (await handler(req, res)))
      // Node refuses trailers on the answer to HEAD.
      for (const method of name === 'trailers' ? ['GET'] : ['GET', 'HEAD']) {
        const answer = await exchange(gated.port, method)
        expect(answer.match(/^Set-Cookie: __Host-session=/gm)).toHaveLength(1)
        expect(answer).toMatch(/^Vary: Cookie\r$/m)
        expect(answer).toMatch(/^Cache-Control: private, no-cache\r$/m)
        expect(withoutOurs(answer)).toBe(withoutOurs(await exchange(plain.port, method)))
      }
      expect(errors).toEqual([])
    })
  }

  test('S30: repeated names in an array survive beside headers that were set before', async () => {
    const { changing } = world()
    const { port } = await changing((_, res) => {
      res.setHeader('Set-Cookie', 'gone=1')
      res.setHeader('X-Kept', '1')
      res.writeHead(200, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']).end()
    })
    const cookies = (await exchange(port)).match(/^Set-Cookie: .*?=/gm)
    expect(cookies).toEqual(['Set-Cookie: a=', 'Set-Cookie: b=', 'Set-Cookie: __Host-session='])
  })

  test('S22: a stricter Cache-Control and a Vary of the handler are kept', async () => {
    const { changing } = world()
    const { port } = await changing((_, res) => res.writeHead(200, { 'Cache-Control': 'no-store', Vary: 'Accept' }).end())
    const answer = await exchange(port)
    expect(answer).toMatch(/^Cache-Control: no-store\r$/m)
    expect(answer).toMatch(/^Vary: Accept, Cookie\r$/m)
  })
})

describe('nothing leaves before the session is saved', () => {
  for (const [name, handler] of Object.entries(answers)) {
    test(`${name} waits`, async () => {
      const { changing, store } = world()
      const { reached, release } = holdPuts(store)
      let response: ServerResponse | undefined
      const { port } = await changing((req, res) => {
        response = res
        return handler(req, res)
      })
      const answer = exchange(port)
      await reached
      await turns()
      expect(response?.socket?.bytesWritten).toBe(0)
      release()
      expect(await answer).toMatch(/^HTTP\/1\.1 \d+ /)
    })
  }

  test('a session that was not changed costs one read, and its answer waits for nothing else', async () => {
    const { sessions, store } = world()
    const { cookie } = await sessions.create({ visits: 1 })
    store.calls.length = 0
    const { url } = await serve(async (req, res) => {
      const session = await attachSession(sessions, req, res).load()
      res.end(String(session.data.visits))
    })
    const answer = await fetch(url, { headers: { cookie } })
    expect(await answer.text()).toBe('1')
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(answer.headers.get('vary')).toBe('Cookie')
    expect(store.calls.map(({ method }) => method)).toEqual(['get'])
  })

  test('a request that never asks is left alone', async () => {
    const { sessions, store } = world()
    let untouched: boolean | undefined
    const { url } = await serve((req, res) => {
      const before = Object.getOwnPropertyNames(res).length
      const opened = attachSession(sessions, req, res)
      untouched = Object.getOwnPropertyNames(res).length === before && !opened.asked
      res.end('x')
    })
    const answer = await fetch(url, { headers: { cookie: '__Host-session=forged' } })
    expect(answer.headers.get('vary')).toBe(null)
    expect(untouched).toBe(true)
    expect(store.calls).toEqual([])
  })
})

describe('while it is held, the response tells what it would without the gate', () => {
  test('headersSent, writableEnded, and headers that can no longer be set; afterwards it is as it was', async () => {
    const { changing, store } = world()
    const { reached, release } = holdPuts(store)
    const seen = deferred<ServerResponse>()
    const { port } = await changing((_, res) => {
      seen.resolve(res)
      res.writeHead(200, { 'X-One': '1' })
      expect(res.headersSent).toBe(true)
      expect(res.writableEnded).toBe(false)
      for (const late of [
        () => res.setHeader('X-Two', '2'),
        () => res.appendHeader('X-Two', '2'),
        () => res.removeHeader('X-One'),
        () => res.writeHead(500),
      ])
        expect(late).toThrow(expect.objectContaining({ code: 'ERR_HTTP_HEADERS_SENT' }))
      expect(res.write('a')).toBe(false)
      expect(res.writableNeedDrain).toBe(true)
      expect(res.end('b')).toBe(res)
      expect(res.writableEnded).toBe(true)
      expect(res.writableFinished).toBe(false)
    })
    const answer = exchange(port)
    await reached
    const res = await seen.promise
    release()
    expect(await answer).toContain('X-One: 1')
    for (const name of ['setHeader', 'appendHeader', 'removeHeader'] as const)
      expect(Reflect.get(res, name)).toBe(Reflect.get(ServerResponse.prototype, name))
    expect(() => res.writeHead(500)).toThrow(expect.objectContaining({ code: 'ERR_HTTP_HEADERS_SENT' }))
    expect([res.headersSent, res.writableEnded, res.writableNeedDrain]).toEqual([true, true, false])
  })

  test('wrong calls throw where they are made', async () => {
    const { changing } = world()
    const { port } = await changing((_, res) => {
      expect(() => res.writeHead(99)).toThrow(expect.objectContaining({ code: 'ERR_HTTP_INVALID_STATUS_CODE' }))
      expect(() => res.writeHead(200, 'bad\nreason')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_CHAR' }))
      expect(() => res.writeHead(200, { 'X-Bad': 'a\r\nb' })).toThrow(expect.objectContaining({ code: 'ERR_INVALID_CHAR' }))
      expect(() => res.writeHead(200, ['X-Odd'])).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }))
      expect(() => res.write(null)).toThrow(expect.objectContaining({ code: 'ERR_STREAM_NULL_VALUES' }))
      expect(() => res.end(5)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }))
      res.statusMessage = 'bad\nreason'
      expect(() => res.end('fine')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_CHAR' }))
      res.statusMessage = 'Fine'
      res.end('fine')
    })
    expect(await exchange(port)).toMatch(/fine$/)
  })
})

describe('streams', () => {
  const block = Buffer.alloc(64 * 1024, 'x')
  const blocks = 64

  test("a writer that waits for 'drain' is held back by a slow reader, and loses nothing", async () => {
    const { changing, puts } = world()
    let waits = 0
    let mostBuffered = 0
    const { port } = await changing(async (_, res) => {
      for (let i = 0; i < blocks; i++) {
        if (!res.write(block)) {
          waits++
          await once(res, 'drain')
        }
        mostBuffered = Math.max(mostBuffered, res.writableLength)
      }
      res.end()
    })
    const socket = connect(port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n')
    let bytes = 0
    for await (const chunk of socket) {
      bytes += chunk.length
      await turn()
    }
    expect(bytes).toBeGreaterThan(blocks * block.length)
    expect(waits).toBeGreaterThan(1)
    expect(mostBuffered).toBeLessThan(10 * block.length)
    expect(puts()).toBe(1)
  })

  test('pipeline to a slow reader: the whole of it', async () => {
    const { changing } = world()
    const { url } = await changing(async (_, res) => pipeline(Readable.from(Array.from({ length: blocks }, () => block)), res))
    expect((await (await fetch(url)).arrayBuffer()).byteLength).toBe(blocks * block.length)
  })

  test('server-sent events: the head leaves once the session is saved, and later events as they come', async () => {
    const { changing, puts } = world()
    const { promise: next, resolve: sendNext } = deferred()
    const { url } = await changing(async (_, res) => {
      res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
      res.flushHeaders()
      res.write('data: 1\n\n')
      await next
      res.end('data: 2\n\n')
    })
    const answer = await fetch(url)
    expect(answer.headers.getSetCookie()).toHaveLength(1)
    expect(puts()).toBe(1)
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader.read()).value).toBe('data: 1\n\n')
    sendNext()
    expect((await reader.read()).value).toBe('data: 2\n\n')
  })
})

describe('the commit fails', () => {
  const failures: Record<string, { handler: Handler; sees?: RegExp }> = {
    'an answer in one piece': { handler: (_, res) => res.end('saved!') },
    'a head': {
      handler: (_, res) => res.writeHead(200, { 'Content-Length': 6, 'Content-Encoding': 'identity', 'Set-Cookie': 'a=1' }).end('saved!'),
    },
    'a stream': {
      handler: async (_, res) => {
        await pipeline(Readable.from(Array.from({ length: 100 }, () => 'saved!')), res).catch((error: Error) => {
          expect(error).toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
        })
      },
    },
    'a handler that goes on writing': {
      handler: async (_, res) => {
        for (let i = 0; i < 10; i++) {
          res.write('saved!', () => {})
          await turns(5)
        }
        res.end('saved!')
      },
    },
  }
  for (const [name, { handler }] of Object.entries(failures)) {
    test(`${name}: 503 with Retry-After in its place, and none of the handler's headers`, async () => {
      const { changing, store, errors } = world()
      store.fault = ({ method }) => (method === 'put' ? 'fail' : undefined)
      const { port } = await changing((req, res) => {
        res.setHeader('X-Cart', 'full')
        return handler(req, res)
      })
      const answer = await exchange(port)
      expect(answer).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/)
      expect(answer).toMatch(/^Retry-After: 1\r$/im)
      expect(answer).toMatch(/^Cache-Control: no-store\r$/im)
      expect(answer).not.toMatch(/set-cookie|x-cart|content-encoding|saved!/i)
      expect(errors).toEqual([expect.objectContaining({ code: 'ERR_UNAVAILABLE' })])
    })
  }

  test('headers that stood before the session was asked for stay: CORS and security, not the page’s own', async () => {
    const { sessions, store } = world()
    store.fault = ({ method }) => (method === 'put' ? 'fail' : undefined)
    const { url } = await serve(async (req, res) => {
      res.setHeader('Access-Control-Allow-Origin', 'https://app.example')
      res.setHeader('Content-Security-Policy', "default-src 'self'")
      res.setHeader('ETag', '"1"')
      const session = await attachSession(sessions, req, res, { onCommitError: () => {} }).load()
      session.data.visits += 1
      res.end('saved!')
    })
    const answer = await fetch(url)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(answer.headers.get('content-security-policy')).toBe("default-src 'self'")
    expect(answer.headers.get('etag')).toBe(null)
  })

  test('a handler that commits by itself meets the error, and its own answer is sent: with Retry-After if it is a 503', async () => {
    const { sessions, store } = world()
    store.fault = ({ method }) => (method === 'put' ? 'fail' : undefined)
    const errors: unknown[] = []
    const { url } = await serve(async (req, res) => {
      const opened = attachSession(sessions, req, res, { onCommitError: (error) => errors.push(error) })
      const session = await opened.load()
      session.data.visits += 1
      await opened.commit().catch(() => (res.statusCode = Number(req.url?.slice(1))))
      res.end('not saved')
    })
    for (const [status, retryAfter] of [
      [503, '1'],
      [409, null],
    ] as const) {
      const answer = await fetch(`${url}/${status}`)
      expect([answer.status, answer.headers.get('retry-after'), await answer.text()]).toEqual([status, retryAfter, 'not saved'])
      expect(answer.headers.getSetCookie()).toEqual([])
    }
    expect(errors).toEqual([])
    expect((await fetch(`${url}/200`)).status).toBe(503)
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_UNAVAILABLE' })])
  })

  test.each([0, 200])(
    'a handler that never looks what became of its own commit, and answers %d ms later: 503 all the same',
    async (later) => {
      const { sessions, store } = world()
      store.fault = ({ method }) => (method === 'put' ? 'fail' : undefined)
      const errors: unknown[] = []
      const { url } = await serve(async (req, res) => {
        const opened = attachSession(sessions, req, res, { onCommitError: (error) => errors.push(error) })
        const session = await opened.load()
        session.data.visits += 1
        // vitest fails the run for a rejection that nobody has handled.
        void opened.commit()
        await sleep(later)
        res.end('saved!')
      })
      expect((await fetch(url)).status).toBe(503)
      expect(errors).toEqual([expect.objectContaining({ code: 'ERR_UNAVAILABLE' })])
    },
  )

  test('callbacks are told, and those that wait for the end are not left waiting', async () => {
    const { changing, store } = world()
    store.fault = ({ method }) => (method === 'put' ? 'fail' : undefined)
    const told: unknown[] = []
    const closed = deferred()
    const { port } = await changing((_, res) => {
      res.once('close', closed.resolve)
      res.write('a', (error) => told.push(error))
      res.end('b', () => told.push('ended'))
    })
    await exchange(port)
    await closed.promise
    expect(told).toEqual([expect.objectContaining({ code: 'ERR_STREAM_DESTROYED' }), 'ended'])
  })

  test('data that cannot be stored: 500, and the developer reads why', async () => {
    const { sessions, errors } = world()
    const { url } = await serve(async (req, res) => {
      const session = await attachSession(sessions, req, res, { onCommitError: (error) => errors.push(error) }).load()
      Object.assign(session.data, { big: 1n })
      res.end('saved!')
    })
    const answer = await fetch(url)
    expect(answer.status).toBe(500)
    expect(await answer.text()).toBe('Internal Server Error')
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_DATA' })])
  })

  test('an onCommitError that throws ends nothing', async () => {
    const { sessions, store } = world()
    store.fault = ({ method }) => (method === 'put' ? 'fail' : undefined)
    const logged: unknown[] = []
    const { error } = console
    console.error = (...args) => logged.push(...args)
    onTestFinished(() => void (console.error = error))
    const { url } = await serve(async (req, res) => {
      const onCommitError = () => {
        throw new Error('the logger is down')
      }
      const session = await attachSession(sessions, req, res, { onCommitError }).load()
      session.data.visits += 1
      res.end('saved!')
    })
    expect((await fetch(url)).status).toBe(503)
    expect(logged).toEqual([expect.objectContaining({ message: 'the logger is down' })])
  })
})

describe('the client goes away', () => {
  /** Sends a request, and hangs up when told to. */
  function leave(port: number) {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n')
    return () => void socket.destroy()
  }

  test('before the handler answers: its session is saved once all the same', async () => {
    const { changing, puts, errors } = world()
    const { promise: begun, resolve: begin } = deferred<ServerResponse>()
    const { promise: done, resolve: finish } = deferred<boolean>()
    const { port } = await changing(async (_, res) => {
      const gone = once(res, 'close')
      begin(res)
      await gone
      res.writeHead(200)
      res.write('a')
      res.end('b')
      await turns()
      finish(res.writableEnded)
    })
    const hangUp = leave(port)
    await begun
    hangUp()
    await done
    expect(puts()).toBe(1)
    expect(errors).toEqual([])
  })

  for (const outcome of ['is saved', 'cannot be saved'] as const) {
    test(`while the answer is held, and the session ${outcome}: the queue is let go, and its callbacks are told`, async () => {
      const { changing, store, errors } = world()
      const { promise: reached, resolve: reach } = deferred()
      const { promise: released, resolve: release } = deferred()
      store.fault = async ({ method }) => {
        if (method !== 'put') return undefined
        reach()
        await released
        return outcome === 'is saved' ? undefined : 'fail'
      }
      const { promise: gone, resolve: go } = deferred()
      const told = deferred<unknown>()
      const { port } = await changing((_, res) => {
        res.once('close', go)
        res.write('a'.repeat(1_000_000), told.resolve)
        res.end('b')
      })
      const hangUp = leave(port)
      await reached
      hangUp()
      await gone
      release()
      expect(await told.promise).toMatchObject({ code: 'ERR_STREAM_DESTROYED' })
      expect(new Set(store.calls.map(({ key }) => key)).size).toBe(1)
      expect(errors).toHaveLength(outcome === 'is saved' ? 0 : 1)
    })
  }

  test('in the middle of a stream: the pipeline ends, and nothing is saved twice', async () => {
    const { changing, puts } = world()
    const { promise: failed, resolve: fail } = deferred<unknown>()
    const { port } = await changing(async (_, res) => {
      const endless = Readable.from(
        (function* () {
          for (;;) yield 'x'.repeat(65_536)
        })(),
      )
      await pipeline(endless, res).catch(fail)
    })
    const socket = connect(port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n')
    await once(socket, 'data')
    socket.destroy()
    expect(await failed).toMatchObject({ code: expect.stringMatching(/ERR_STREAM_PREMATURE_CLOSE|ECONNRESET|EPIPE/) })
    expect(puts()).toBe(1)
  })
})

describe('out of order', () => {
  test('first asked for after the headers were sent: readable, and changes throw ERR_COMMITTED', async () => {
    const { sessions, puts } = world()
    const { cookie } = await sessions.create({ visits: 3 })
    const seen: unknown[] = []
    const { url } = await serve(async (req, res) => {
      const opened = attachSession(sessions, req, res)
      res.write('early ')
      const session = await opened.load()
      seen.push(session.data.visits)
      try {
        session.update((data) => void (data.visits += 1))
      } catch (error) {
        seen.push(error)
      }
      res.end('late')
    })
    expect(await (await fetch(url, { headers: { cookie } })).text()).toBe('early late')
    expect(seen).toEqual([3, expect.objectContaining({ code: 'ERR_COMMITTED' })])
    expect(puts()).toBe(1)
  })

  test('sent past the gate, by what kept a reference to the response’s methods: reported and cut off, never a crash', async () => {
    const { sessions, errors } = world()
    const { url } = await serve(async (req, res) => {
      const end = res.end.bind(res)
      const session = await attachSession(sessions, req, res, { onCommitError: (error) => errors.push(error) }).load()
      session.data.visits += 1
      res.write('held')
      end('past')
    })
    await expect(fetch(url)).rejects.toThrow('fetch failed')
    await turns()
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_COMMITTED' })])
  })

  test('sent past the gate, by what kept writeHead too: reported and cut off', async () => {
    const { sessions, errors } = world()
    const { port } = await serve(async (req, res) => {
      const { writeHead, end } = res
      const session = await attachSession(sessions, req, res, { onCommitError: (error) => errors.push(error) }).load()
      session.data.visits += 1
      writeHead.call(res, 200)
      ;(end as (chunk: string) => ServerResponse).call(res, 'past')
    })
    expect(await exchange(port)).toBe('')
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_COMMITTED' })])
  })

  test.each([
    ['saved', 1],
    ['read only', 0],
  ])('sent a turn later, by an end() that was there before the gate, from a session that is %s: with its headers', async (_, added) => {
    const { sessions, errors } = world()
    const { url } = await serve(async (req, res) => {
      const { end } = res
      res.end = function (this: ServerResponse, ...args: unknown[]) {
        setImmediate(() => end.apply(this, args as never))
        return this
      } as typeof end
      const session = await attachSession(sessions, req, res, { onCommitError: (error) => errors.push(error) }).load()
      session.data.visits += added
      res.end('later')
    })
    const answer = await fetch(url)
    expect([await answer.text(), answer.headers.getSetCookie().length, answer.headers.get('vary')]).toEqual(['later', added, 'Cookie'])
    expect(errors).toEqual([])
  })

  describe('two managers on one request', () => {
    const other = faultyStore(memoryStore())
    const themes = createSessions<{ theme?: string }>({
      store: other,
      secrets: ['y'.repeat(32)],
      cookie: { name: '__Host-theme' },
      requestTimeout: 100,
    })
    const twice: Record<string, Handler> = {
      'with writeHead': (_, res) => res.writeHead(200, { 'Set-Cookie': 'a=1' }).end('x'),
      'without writeHead': (_, res) => res.setHeader('Set-Cookie', 'a=1').end('x'),
    }
    for (const [name, handler] of Object.entries(twice)) {
      test(`${name}: each gets its cookie; when one cannot be saved, the other keeps its own on the error`, async () => {
        const { sessions } = world()
        const { url } = await serve(async (req, res) => {
          const one = await attachSession(sessions, req, res).load()
          const two = await attachSession(themes, req, res, { onCommitError: () => {} }).load()
          one.data.visits += 1
          two.data.theme = 'dark'
          await handler(req, res)
        })
        const names = async (): Promise<string[]> =>
          (await fetch(url)).headers.getSetCookie().map((line) => line.slice(0, line.indexOf('=')))
        other.fault = undefined
        expect((await names()).toSorted()).toEqual(['__Host-session', '__Host-theme', 'a'])
        other.fault = ({ method }) => (method === 'put' ? 'fail' : undefined)
        expect((await fetch(url)).status).toBe(503)
        expect(await names()).toEqual(['__Host-session'])
      })
    }
  })

  test('what sends its own head from inside the gate, as express-session does, waits too', async () => {
    const { changing } = world()
    const { port } = await changing((_, res) => {
      Reflect.get(res, '_implicitHeader').call(res)
      expect(res.headersSent).toBe(true)
      res.write('body')
      res.end()
    })
    expect(await exchange(port)).toMatch(/^Set-Cookie: __Host-session=/m)
  })
})
