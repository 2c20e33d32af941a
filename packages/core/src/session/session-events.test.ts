import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, expect, test } from 'vitest'
import { channelName, onSessionEvent, type SessionEventName, type SessionEvents } from '../events.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { faultyStore } from '../testing/faulty-store.ts'
import { createSessions } from './manager.ts'

const secrets = ['x'.repeat(32)]
const stops: (() => void)[] = []
afterEach(() => stops.splice(0).forEach((stop) => stop()))

function collect<Name extends SessionEventName>(name: Name): SessionEvents[Name][] {
  const seen: SessionEvents[Name][] = []
  stops.push(onSessionEvent(name, (event) => seen.push(event)))
  return seen
}

test('load and commit tell what happened, and how long it took', async () => {
  const [loads, commits] = [collect('load'), collect('commit')]
  const sessions = createSessions<{ n?: number }>({ store: memoryStore(), secrets })
  const opened = sessions.open(null)
  const session = await opened.load()
  session.data.n = 1
  await opened.commit()
  const took = expect.any(Number)
  expect(loads).toEqual([{ id: undefined, outcome: 'new', took, error: undefined }])
  expect(commits).toEqual([{ id: session.id, action: 'create', took, conflicts: 0, error: undefined }])
})

test('a conflict is an event, and counted in its commit', async () => {
  const [conflicts, commits] = [collect('conflict'), collect('commit')]
  const sessions = createSessions<{ n?: number; m?: number }>({ store: memoryStore(), secrets })
  const { cookie, session } = await sessions.create({})
  const opened = sessions.open(cookie)
  ;(await opened.load()).data.n = 1
  session.data.m = 1
  await session.save()
  await opened.commit()
  expect(conflicts).toEqual([{ id: session.id, expected: expect.stringMatching(/^0{9}1\./), found: expect.stringMatching(/^0{9}2\./) }])
  expect(commits.at(-1)).toMatchObject({ action: 'change', conflicts: 1 })
})

test('missing and ended are told apart, and name the session that was presented', async () => {
  const [missing, ended] = [collect('missing'), collect('ended')]
  const store = memoryStore()
  const sessions = createSessions<{ n?: number }>({ store, secrets })
  const lost = await sessions.create({})
  await store.delete(lost.session.id)
  await sessions.open(lost.cookie).load()
  expect(missing).toEqual([{ id: lost.session.id, at: 'load' }])
  const { cookie, session } = await sessions.create({})
  const slow = sessions.open(cookie)
  ;(await slow.load()).data.n = 1
  const { id } = session
  session.destroy()
  await session.save()
  await slow.commit()
  await sessions.open(cookie).load()
  expect(ended).toEqual([
    { id, at: 'commit' },
    { id, at: 'load' },
  ])
})

test('a change after the commit is reported once, when the response ends', async () => {
  const late = collect('late-change')
  const sessions = createSessions<{ n?: number }>({ store: memoryStore(), secrets })
  const opened = sessions.open(null)
  const session = await opened.load()
  session.data.n = 1
  await opened.commit()
  opened.end()
  expect(late).toEqual([])
  session.data.n = 2
  opened.end()
  opened.end()
  expect(late).toEqual([{ id: session.id }])
})

test('a request that fails is an event with its error', async () => {
  const loads = collect('load')
  const store = faultyStore(memoryStore())
  const sessions = createSessions<{ n?: number }>({ store, secrets })
  const { cookie } = await sessions.create({})
  store.fault = () => 'fail'
  await sessions
    .open(cookie)
    .load()
    .catch(() => {})
  expect(loads.at(-1)).toMatchObject({ outcome: 'failed', error: { code: 'ERR_UNAVAILABLE' } })
})

test('the channels are those of node:diagnostics_channel', async () => {
  const seen: unknown[] = []
  const listener = (event: unknown): void => void seen.push(event)
  expect(channelName('load')).toBe('holdfast:load')
  subscribe('holdfast:load', listener)
  await createSessions({ store: memoryStore(), secrets }).open(null).load()
  unsubscribe('holdfast:load', listener)
  expect(seen).toHaveLength(1)
})

test("S24: an error of the application's own, from an update that ran again, is not published as it is", async () => {
  const commits = collect('commit')
  const sessions = createSessions<{ n?: number; m?: number }>({ store: memoryStore(), secrets })
  const { cookie, session } = await sessions.create({})
  const opened = sessions.open(cookie)
  ;(await opened.load()).update((data) => {
    if (data.m !== undefined) throw new Error('payload')
    data.n = 1
  })
  session.data.m = 1
  await session.save()
  await expect(opened.commit()).rejects.toThrow('payload')
  expect(commits.at(-1)?.error).toMatchObject({ code: 'ERR_DATA' })
  expect(String(commits.at(-1)?.error)).not.toContain('payload')
})
