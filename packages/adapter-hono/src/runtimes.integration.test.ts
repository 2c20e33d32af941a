import { browser } from '@holdfast/test-shop'
import type { StartedProgram } from '@holdfast/testbed'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packedFolder, type PackedFolder } from '../testing/packed-folder.ts'
import { startRuntime } from '../testing/start-runtime.ts'

let packed: PackedFolder | undefined
beforeAll(async () => {
  packed = await packedFolder()
})
afterAll(async () => packed?.remove())

describe.each(['bun', 'deno', 'workerd'] as const)('the packed adapter on %s', (name) => {
  let server: StartedProgram | undefined
  beforeAll(async () => {
    server = await startRuntime(name, packed!.path)
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
    expect(answer.headers.get('vary')).toBe('Cookie')
    expect(answer.headers.get('cache-control')).toBe('private, no-cache')

    const signedIn = ann.cookie
    expect(signedIn).not.toBe(before)
    expect(await (await ann.request('/cart/milk', { method: 'POST' })).json()).toEqual(['tea', 'milk'])
    const me = await ann.request('/me')
    expect(await me.json()).toEqual({ user: 'ann', subject: 'ann', outcome: 'live', cart: ['tea', 'milk'] })
    expect(me.headers.getSetCookie()).toEqual([])

    expect((await ann.request('/sign-out', { method: 'POST' })).status).toBe(204)
    expect(ann.jar.size).toBe(0)
    for (const cookie of [before, signedIn]) {
      expect(await (await ann.request('/me', { headers: { cookie } })).json()).toEqual({ outcome: 'ended', cart: [] })
    }
  })

  test('saves what a handler changed before it threw, and keeps the error’s status', async () => {
    const ann = open()
    const answer = await ann.request('/fails', { method: 'POST' })
    expect([answer.status, await answer.text()]).toEqual([418, 'teapot'])
    expect(await (await ann.request('/me')).json()).toEqual({ outcome: 'live', cart: ['saved all the same'] })
  })

  test('refuses a forged cookie', async () => {
    const ann = open()
    await ann.request('/sign-in', { method: 'POST' })
    const cookie = ann.cookie.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
    expect(await (await ann.request('/me', { headers: { cookie } })).json()).toEqual({ outcome: 'invalid', cart: [] })
  })

  test('HEAD gets the headers of GET, and what never asks for a session none of them', async () => {
    const ann = open()
    expect((await ann.request('/me', { method: 'HEAD' })).headers.get('vary')).toBe('Cookie')
    expect((await ann.request('/plain')).headers.has('vary')).toBe(false)
  })

  test('answers 503 with Retry-After when the store is silent, request after request, and recovers', async () => {
    const ann = open()
    await ann.request('/sign-in', { method: 'POST' })
    await ann.request('/silence/on', { method: 'POST' })
    try {
      for (const request of [1, 2, 3]) {
        const answer = await ann.request('/me')
        expect([request, answer.status, answer.headers.get('retry-after')]).toEqual([request, 503, '1'])
      }
      expect(await (await ann.request('/plain')).text()).toBe('plain')
    } finally {
      await ann.request('/silence/off', { method: 'POST' })
    }
    expect(await (await ann.request('/me')).json()).toMatchObject({ user: 'ann' })
  })

  test('writes nothing to its log', () => {
    expect(server!.log()).toMatch(/^\{.*"port":\d+\}\n$/)
  })
})
