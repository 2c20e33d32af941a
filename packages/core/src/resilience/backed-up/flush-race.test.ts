import { randomInt } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { SessionStore } from '../../record/store.ts'
import { createSessions, type SessionManager } from '../../session/manager.ts'
import { memoryStore } from '../../stores/memory/memory-store.ts'
import { browser } from '../../testing/browser.ts'
import { faultyStore } from '../../testing/faulty-store.ts'
import { backedUp, type BackedUpStore } from './backed-up.ts'

interface Data {
  cart: string[]
}

const interleavings = 500

async function pause(): Promise<void> {
  for (let turns = randomInt(6); turns > 0; turns--) await nextTurn()
}

/** A node whose every step at the backup takes a random number of turns. */
function node(backup: SessionStore): { store: BackedUpStore; sessions: SessionManager<Data> } {
  const way = faultyStore({ ...backup, close: async () => {} })
  way.fault = async () => void (await pause())
  const store = backedUp(memoryStore(), way, { every: 1, revalidate: 0, backupTimeout: 5_000 })
  const sessions = createSessions<Data>({
    store,
    secrets: ['only for the tests of a flush that races'],
    initial: () => ({ cart: [] }),
    operationTimeout: 10_000,
    requestTimeout: 30_000,
    strict: true,
  })
  return { store, sessions }
}

async function copied(store: BackedUpStore): Promise<void> {
  while (store.pending().changes > 0) await new Promise((resolve) => setTimeout(resolve, 1))
}

test.each([
  ['on the same node', true],
  ['on another node', false],
])(
  `F35: copying to the backup and a sign-out %s, ${interleavings} interleavings: it stays ended, and no cookie is set`,
  async (_, isSame) => {
    const backup = memoryStore()
    const [one, other] = [node(backup), node(backup)]
    for (let round = 0; round < interleavings; round++) {
      const tab = browser(one.sessions)
      await tab.visit((session) => session.regenerate({ subject: 'u1' }))
      const { cookie } = tab
      // What is to be copied while the sign-out goes on: this change, and its renewed deadline.
      await tab.visit((session) => void session.data.cart.push('tea'))
      let isOut = false
      const late = async (): Promise<void> => {
        await pause()
        let cameAfter = false
        const { setCookies } = await tab.visit((session) => {
          cameAfter = isOut
          if (session.outcome === 'live') session.data.cart.push('milk')
        })
        if (cameAfter && isSame) expect(setCookies).toEqual([])
      }
      const signOut = async (): Promise<void> => {
        await pause()
        await browser((isSame ? one : other).sessions, tab.jar).visit((session) => session.destroy())
        isOut = true
      }
      await Promise.all([late(), signOut()])
      await copied(one.store)
      const outcomes = [one, other].map(async ({ sessions }) => (await sessions.open(cookie).load()).outcome)
      expect(await Promise.all(outcomes)).toEqual(['ended', 'ended'])
      const { setCookies } = await tab.visit((session) => void session.data.cart.push('later'))
      expect(setCookies.filter((line) => !line.includes('Max-Age=0'))).toEqual([])
    }
    await Promise.all([one.sessions.close(), other.sessions.close()])
  },
)
