import { afterEach, beforeEach, expect, test } from 'vitest'
import { onSessionEvent, type SessionEvents } from '../events.ts'
import type { SessionStore, StoredRecord } from '../record/store.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import { browser } from '../testing/browser.ts'
import { createSessions } from './manager.ts'

interface Data {
  count: number
  note?: string
}

const store: SessionStore = { ...memoryStore(), answersFromCopies: true }
const sessions = createSessions<Data>({ store, secrets: ['x'.repeat(32)], initial: () => ({ count: 0 }) })

let lost: SessionEvents['lost-change'][]
let stop: () => void
beforeEach(() => {
  lost = []
  stop = onSessionEvent('lost-change', (event) => lost.push(event))
})
afterEach(() => stop())

/** A browser whose session was changed three times, and how to set its record back to what it was after so many of them. */
async function changedThrice() {
  const ada = browser(sessions)
  const states: StoredRecord[] = []
  let id = ''
  for (let count = 1; count <= 3; count++) {
    await ada.visit((session) => {
      session.data.count = count
      id = session.id
    })
    states.push((await store.get(id)) as StoredRecord)
  }
  const [first, second, third] = states.map(({ version }) => version)
  return { ada, id, first, second, third, setBackTo: async (count: number) => setTo(id, states[count - 1]) }
}

/** As a failover to a replica that was behind leaves it. */
async function setTo(id: string, record: StoredRecord | undefined): Promise<void> {
  await store.delete(id)
  if (record !== undefined) await store.put(id, record, { expected: null })
}

test('a cookie that proves more than the authority has: one event a load, which says how many changes were lost', async () => {
  const { ada, id, first, third, setBackTo } = await changedThrice()
  await ada.visit((session) => session.data)
  expect(lost).toEqual([])
  await setBackTo(1)
  const { answer } = await ada.visit((session) => ({ ...session.data }))
  expect(answer).toEqual({ count: 1 })
  expect(lost).toEqual([{ id, expected: third, found: first, changes: 2 }])
})

test('the session goes on from what was found: after its next change nothing is missed any more', async () => {
  const { ada, setBackTo } = await changedThrice()
  await setBackTo(2)
  await ada.visit((session) => void (session.data.note = 'goes on'))
  lost = []
  expect((await ada.visit((session) => ({ ...session.data }))).answer).toEqual({ count: 2, note: 'goes on' })
  expect(lost).toEqual([])
})

test('another write with the same count stands there: one change was lost', async () => {
  const { ada, id, third, setBackTo } = await changedThrice()
  await setBackTo(3)
  const there = (await store.get(id)) as StoredRecord
  const found = `${there.version.slice(0, 11)}--------`
  await setTo(id, { ...there, version: found })
  await ada.visit(() => {})
  expect(lost).toEqual([{ id, expected: third, found, changes: 1 }])
})

test('a record that is gone is missing, and one that was ended is newer than all that were live', async () => {
  const gone = await changedThrice()
  await setTo(gone.id, undefined)
  expect((await gone.ada.visit((session) => session.outcome)).answer).toBe('missing')
  const signedOut = await changedThrice()
  const { cookie } = signedOut.ada
  await signedOut.ada.visit((session) => session.destroy())
  expect((await sessions.open(cookie).load()).outcome).toBe('ended')
  expect(lost).toEqual([])
})

test('a commit that finds less than its load did tells too, and is saved on top of that', async () => {
  const { ada, id, second, third, setBackTo } = await changedThrice()
  const { answer } = await ada.visit(async (session) => {
    await setBackTo(2)
    session.update((data) => void (data.count += 10))
    await session.save()
    return { ...session.data }
  })
  expect(answer).toEqual({ count: 12 })
  expect(lost).toEqual([{ id, expected: third, found: second, changes: 1 }])
})
