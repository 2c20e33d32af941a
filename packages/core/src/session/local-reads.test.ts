import { expect, test } from 'vitest'
import type { SessionStore, StoredRecord } from '../record/store.ts'
import { nearCache } from '../resilience/near-cache/near-cache.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { faultyStore } from '../testing/faulty-store.ts'
import { createSessions } from './manager.ts'

const secrets = ['x'.repeat(32)]

/** A session whose record is in this process. */
async function warm(getLocal?: SessionStore['getLocal']) {
  const shared = faultyStore(memoryStore())
  const near = nearCache(shared)
  const sessions = createSessions<{ n?: number }>({ store: getLocal === undefined ? near : { ...near, getLocal }, secrets })
  // What was put from here is kept.
  const { cookie } = await sessions.create({ n: 1 })
  return { shared, sessions, cookie, asked: () => shared.calls.length }
}

test('what is in this process is answered from there, and nobody is asked', async () => {
  const { sessions, cookie, asked } = await warm()
  const before = asked()
  expect((await sessions.open(cookie).load()).data).toEqual({ n: 1 })
  expect(asked()).toBe(before)
  expect((await sessions.open(cookie).load({ fresh: true })).data).toEqual({ n: 1 })
  expect(asked()).toBe(before + 1)
})

test('a signal that has aborted is heard there too', async () => {
  const { sessions, cookie } = await warm()
  await expect(sessions.open(cookie).load({ signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone')
})

test('a getLocal that throws is a store that cannot be asked', async () => {
  const { sessions, cookie } = await warm(() => {
    throw new TypeError('secret')
  })
  const error: unknown = await sessions
    .open(cookie)
    .load()
    .catch((failure: unknown) => failure)
  expect(error).toMatchObject({ code: 'ERR_UNAVAILABLE', message: 'The session store failed with TypeError.' })
})

test.each<[string, object | null]>([
  ['has no deadline', { version: '0000000001.k3Jd81Za', value: Buffer.from('') }],
  ['has no value', { version: '0000000001.k3Jd81Za', expiresAt: Date.now() + 60_000 }],
  ['names its origin, and has no deadline', { version: '0000000001.k3Jd81Za', value: Buffer.from(''), origin: {} }],
  [
    'names its origin, and cannot be read',
    { version: '0000000001.k3Jd81Za', expiresAt: Date.now() + 60_000, value: Buffer.from('?'), origin: {} },
  ],
])('a record there that %s is nobody’s session', async (_, record) => {
  const { sessions, cookie } = await warm(() => record as StoredRecord)
  expect((await sessions.open(cookie).load()).outcome).toBe('invalid')
})

test('the Cookie header is asked for in the turn in which the session is', async () => {
  const { sessions, cookie } = await warm()
  let header: string | undefined = cookie
  const loading = sessions.open(() => header).load()
  header = undefined
  expect((await loading).outcome).toBe('live')
})
