import { Readable } from 'node:stream'
import { shop, type Shop } from '@holdfast/test-shop'
import { Controller, Get, ImATeapotException, Post, Redirect, Res, Sse, StreamableFile } from '@nestjs/common'
import type { Response } from 'express'
import type { FastifyReply } from 'fastify'
import { from } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { platforms, serve } from '../testing/platforms.ts'
import { CurrentSession, SessionModule } from './index.ts'

/** One of each kind of answer, after a change to the session. */
@Controller()
class AnswersController {
  @Get('who')
  who(@CurrentSession() session: CurrentSession<Shop>) {
    return session.data.user ?? 'nobody'
  }

  @Post('value')
  value(@CurrentSession() session: CurrentSession<Shop>) {
    session.data.user = 'ann'
    return { hello: 'ann' }
  }

  @Post('redirect')
  @Redirect('/who', 303)
  redirect(@CurrentSession() session: CurrentSession<Shop>) {
    session.data.user = 'ann'
  }

  @Post('exception')
  exception(@CurrentSession() session: CurrentSession<Shop>) {
    session.data.user = 'ann'
    throw new ImATeapotException('short and stout')
  }

  @Post('response')
  response(@CurrentSession() session: CurrentSession<Shop>, @Res() response: Response | FastifyReply) {
    session.data.user = 'ann'
    response.status(201).send('by the response')
  }

  @Post('passthrough')
  passthrough(@CurrentSession() session: CurrentSession<Shop>, @Res({ passthrough: true }) response: Response | FastifyReply) {
    session.data.user = 'ann'
    response.header('X-Passed', 'through')
    return 'by Nest'
  }

  @Post('raw')
  raw(@CurrentSession() session: CurrentSession<Shop>, @Res() response: Response | FastifyReply) {
    session.data.user = 'ann'
    if ('hijack' in response) response.hijack()
    const raw = 'raw' in response ? response.raw : response
    raw.writeHead(201, { 'X-Written': 'by hand' })
    raw.end('raw')
  }

  @Post('stream')
  stream(@CurrentSession() session: CurrentSession<Shop>) {
    session.data.user = 'ann'
    return new StreamableFile(Readable.from([Buffer.from('first '), Buffer.from('last')]))
  }

  @Sse('events')
  events(@CurrentSession() session: CurrentSession<Shop>) {
    session.data.user = 'ann'
    return from([{ data: 'hello' }])
  }
}

describe.each(platforms)('on $platform', ({ makeAdapter }) => {
  const serveAnswers = async (made = shop()) => ({
    ...made,
    ...(await serve({ imports: [SessionModule.forRoot({ sessions: made.sessions })], controllers: [AnswersController] }, makeAdapter())),
  })

  test.each([
    { kind: 'value', method: 'POST', status: 201, body: '{"hello":"ann"}' },
    { kind: 'redirect', method: 'POST', status: 303, body: expect.any(String) as string },
    { kind: 'exception', method: 'POST', status: 418, body: expect.stringContaining('short and stout') as string },
    { kind: 'response', method: 'POST', status: 201, body: 'by the response' },
    { kind: 'passthrough', method: 'POST', status: 201, body: 'by Nest' },
    { kind: 'raw', method: 'POST', status: 201, body: 'raw' },
    { kind: 'stream', method: 'POST', status: 201, body: 'first last' },
    { kind: 'events', method: 'GET', status: 200, body: expect.stringContaining('data: hello') as string },
  ])('$kind: what the handler changed is saved, with one cookie', async ({ kind, method, status, body }) => {
    const { visitor } = await serveAnswers()
    const ann = visitor()
    const answer = await ann.request(`/${kind}`, { method })
    expect([answer.status, await answer.text()]).toEqual([status, body])
    expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-session=/)])
    expect(answer.headers.get('cache-control')).toMatch(/private|no-store/)
    expect(await (await ann.request('/who')).text()).toBe('ann')
  })

  test('headers that a handler sets stay', async () => {
    const { visitor } = await serveAnswers()
    expect((await visitor().request('/passthrough', { method: 'POST' })).headers.get('x-passed')).toBe('through')
    expect((await visitor().request('/raw', { method: 'POST' })).headers.get('x-written')).toBe('by hand')
    expect((await visitor().request('/redirect', { method: 'POST' })).headers.get('location')).toBe('/who')
  })

  test.each(['value', 'redirect', 'response', 'raw', 'stream'])(
    '%s: a save that fails is 503, and nothing of the answer is sent',
    async (kind) => {
      const { visitor, failWrites } = await serveAnswers()
      failWrites()
      const answer = await visitor().request(`/${kind}`, { method: 'POST' })
      expect(answer.status).toBe(503)
      expect(answer.headers.get('retry-after')).toBe('1')
      expect(answer.headers.has('location')).toBe(false)
      expect(answer.headers.has('x-written')).toBe(false)
      expect(answer.headers.getSetCookie()).toEqual([])
      expect(await answer.text()).toBe('The session store is unavailable. Try again.')
    },
  )

  test('a stream is saved before its first byte', async () => {
    const made = shop()
    const source = new Readable({ read: () => {} })

    @Controller()
    class StreamController {
      @Get()
      get(@CurrentSession() session: CurrentSession<Shop>) {
        session.data.user = 'ann'
        return new StreamableFile(source)
      }
    }
    const { origin } = await serve(
      { imports: [SessionModule.forRoot({ sessions: made.sessions })], controllers: [StreamController] },
      makeAdapter(),
    )
    source.push('first')
    const answer = await fetch(origin)
    expect(answer.headers.getSetCookie()).toHaveLength(1)
    expect(made.keys()).toBe(1)
    source.push(null)
    expect(await answer.text()).toBe('first')
  })
})
