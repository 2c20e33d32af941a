import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, test } from 'vitest'
import { koas } from '../testing/koas.ts'
import { change, shopApp } from '../testing/shop-app.ts'
import { getSession } from './index.ts'

/** A turn after which Koa has long made its answer, if it makes one. */
const later = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))

describe.each(koas)('a handler that answers on ctx.res, on Koa $version', ({ Koa }) => {
  function ownAnswers() {
    const made = shopApp(Koa)
    made.router
      .get('/at-once', change, (ctx) => {
        ctx.respond = false
        ctx.res.writeHead(201, { 'X-Own': 'yes' })
        ctx.res.write('own ')
        ctx.res.end('answer')
      })
      .get('/later', change, (ctx) => {
        ctx.respond = false
        void later().then(() => {
          ctx.res.statusCode = 201
          ctx.res.setHeader('X-Own', 'yes')
          ctx.res.end('own answer')
        })
      })
      .get('/piped', change, (ctx) => {
        ctx.respond = false
        ctx.res.writeHead(201, { 'X-Own': 'yes' })
        // Where the commit fails, it is for the pipeline as if the client had gone.
        pipeline(Readable.from(['own ', 'answer']), ctx.res).catch(() => {})
      })
      .get('/flushed', change, (ctx) => {
        ctx.status = 201
        ctx.set('X-Own', 'yes')
        ctx.flushHeaders()
        ctx.body = Readable.from(['own ', 'answer'])
      })
      .get('/without-respond', change, async (ctx) => {
        ctx.res.writeHead(201, { 'X-Own': 'yes' })
        ctx.res.end('own answer')
      })
      .get('/without-respond-awaited', change, async (ctx) => {
        ctx.res.writeHead(201, { 'X-Own': 'yes' })
        ctx.res.end('own answer')
        await once(ctx.res, 'finish')
      })
    return made
  }
  const paths = ['/at-once', '/later', '/piped', '/flushed', '/without-respond', '/without-respond-awaited']

  test.each(paths)('%s: the session is saved, and its cookie is sent', async (path) => {
    const { serve, errors } = ownAnswers()
    const ann = await serve()
    const answer = await ann.request(path)
    expect([answer.status, answer.headers.get('x-own'), await answer.text()]).toEqual([201, 'yes', 'own answer'])
    expect(answer.headers.getSetCookie()).toHaveLength(1)
    expect(await (await ann.request('/who')).text()).toBe('ann')
    expect(errors).toEqual([])
  })

  test.each(paths.slice(0, -1))('%s: a commit that fails is 503 with Retry-After, and Koa is told once', async (path) => {
    const { serve, errors, failWrites } = ownAnswers()
    failWrites()
    const answer = await (await serve()).request(path)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await answer.text()).toBe('The session store is unavailable. Try again.')
    expect([answer.headers.has('x-own'), answer.headers.getSetCookie()]).toEqual([false, []])
    // Koa 3 reports a stream whose reader has gone, too.
    const told = errors.filter((error) => (error as { code?: string }).code !== 'ERR_STREAM_PREMATURE_CLOSE')
    expect(told).toEqual([expect.objectContaining({ code: 'ERR_UNAVAILABLE' })])
  })

  test('may go on with the session until its first byte', async () => {
    const { router, sessions, serve } = ownAnswers()
    router.get('/', change, (ctx) => {
      ctx.respond = false
      void later().then(async () => {
        ;(await getSession(ctx, sessions)).data.user = 'bob'
        ctx.res.end('done')
      })
    })
    const ann = await serve()
    expect(await (await ann.request('/')).text()).toBe('done')
    expect(await (await ann.request('/who')).text()).toBe('bob')
  })
})
