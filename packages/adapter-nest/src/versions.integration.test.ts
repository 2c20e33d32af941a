import { browser } from '@holdfast/test-shop'
import { startProgram, type StartedProgram } from '@holdfast/testbed'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildShop, shopFiles, type BuiltShop } from '../versions/build-shop.ts'

describe.each(['nest-10', 'nest-11'] as const)('the packed adapter on %s', (version) => {
  let shop: BuiltShop | undefined
  beforeAll(() => {
    shop = buildShop(version)
  }, 120_000)
  afterAll(() => shop?.remove())

  describe.each(shopFiles(version).flatMap((file) => [[file, 'express'] as const, [file, 'fastify'] as const]))(
    '%s on %s',
    (file, platform) => {
      let server: StartedProgram | undefined
      beforeAll(async () => {
        server = await startProgram(process.execPath, [file, platform], { cwd: shop!.path })
      })
      afterAll(async () => server?.stop())

      const open = () => browser(server!.origin)

      test('signs in, with a new token, and out; the old cookies open nothing', async () => {
        const ann = open()
        expect(await (await ann.request('/cart/tea', { method: 'POST' })).json()).toEqual(['tea'])
        const before = ann.cookie
        const answer = await ann.request('/sign-in', { method: 'POST' })
        expect([answer.status, answer.headers.get('location')]).toEqual([303, '/me'])
        expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-session=.*; HttpOnly; SameSite=Lax; Secure$/)])

        const signedIn = ann.cookie
        expect(signedIn).not.toBe(before)
        const me = await ann.request('/me')
        expect(await me.json()).toEqual({ user: 'ann', subject: 'ann', outcome: 'live', cart: ['tea'], injected: true })
        expect([me.headers.getSetCookie(), me.headers.get('vary')]).toEqual([[], 'Cookie'])

        expect((await ann.request('/sign-out', { method: 'POST' })).status).toBe(204)
        expect(ann.jar.size).toBe(0)
        for (const cookie of [before, signedIn]) {
          expect(await (await ann.request('/me', { headers: { cookie } })).json()).toMatchObject({ outcome: 'ended', cart: [] })
        }
      })

      test('SessionGuard lets in who is signed in', async () => {
        const ann = open()
        expect((await ann.request('/account')).status).toBe(401)
        await ann.request('/sign-in', { method: 'POST' })
        const account = await ann.request('/account')
        expect([account.status, await account.json()]).toEqual([200, { user: 'ann' }])
      })

      test('a guard of one’s own reads the session', async () => {
        const ann = open()
        const statuses: number[] = []
        for (const sku of ['tea', 'milk', 'rum']) statuses.push((await ann.request(`/cart/${sku}`, { method: 'POST' })).status)
        expect(statuses).toEqual([201, 201, 403])
      })

      test('saves what a handler changed before it threw, and keeps the error’s status', async () => {
        const ann = open()
        const answer = await ann.request('/fails', { method: 'POST' })
        expect([answer.status, await answer.json()]).toEqual([418, { statusCode: 418, message: 'teapot' }])
        expect(await (await ann.request('/me')).json()).toMatchObject({ outcome: 'live', cart: ['saved all the same'] })
      })

      test('what never asks for a session has none of its headers', async () => {
        const answer = await open().request('/plain')
        expect([await answer.text(), answer.headers.has('vary')]).toEqual(['plain', false])
      })

      test('answers 503 with Retry-After when the store is silent, also where a filter of one’s own answers, and recovers', async () => {
        const ann = open()
        await ann.request('/sign-in', { method: 'POST' })
        await ann.request('/silence/on', { method: 'POST' })
        try {
          const answer = await ann.request('/me')
          expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
          expect(await answer.json()).toEqual({ statusCode: 503, message: 'The session store is unavailable. Try again.' })
          const caught = await ann.request('/caught')
          expect([caught.status, caught.headers.get('retry-after'), await caught.json()]).toEqual([503, '1', { caught: 503 }])
        } finally {
          await ann.request('/silence/off', { method: 'POST' })
        }
        expect(await (await ann.request('/me')).json()).toMatchObject({ user: 'ann' })
      })

      test('warns of nothing, and closes the store when it is asked to end', async () => {
        await server!.stop()
        // Nest 10 remarks on modules, its own too, that take it over 10 ms to serialize: that is the machine's doing.
        const log = server!.log().replaceAll(/^The module "\w+" is taking [\d.]+ms to serialize.*\n/gm, '')
        expect(log).toMatch(/^\{"port":\d+\}\n\{"closed":true\}\n$/)
      })
    },
  )
})
