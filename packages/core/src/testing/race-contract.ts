import { randomInt } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SessionStore } from '../record/store.ts'
import { createSessions, type SessionManager } from '../session/manager.ts'
import type { Session } from '../session/session.ts'
import { browser, type Browser } from './browser.ts'
import { definePromises, type Disposable } from './define-promises.ts'
import { faultyStore, type FaultyStore } from './faulty-store.ts'
import type { TestRunner } from './test-runner.ts'

interface Data {
  count: number
  cart: string[]
  [key: string]: unknown
}

/** How many requests race where they race for one session. */
const crowd = 50

/** Every slow request against every sign-out, in so many random orders of their steps. */
const interleavings = 500

/**
 * What the engine promises when requests race, as tests over your store: nothing is lost, what was ended stays ended, and
 * no late answer undoes a sign-in. `makeStore` is called for each test.
 *
 * @example
 * raceContract({ describe, test }, () => postgresStore({ connectionString }))
 */
export function raceContract(runner: TestRunner, makeStore: () => SessionStore | Promise<SessionStore>): void {
  const race = definePromises(runner, async () => newWorld(await makeStore()))

  runner.describe('the engine, when requests race', () => {
    race(`F34: ${crowd} parallel requests that change different keys lose nothing`, async ({ sessions }) => {
      const tab = await signedIn(sessions)
      await Promise.all(numbers(crowd).map(async (n) => tab.visit((session) => void (session.data[`key${n}`] = n))))
      const { data } = await sessions.open(tab.cookie).load()
      const lost = numbers(crowd).filter((n) => data[`key${n}`] !== n)
      check(lost.length === 0, `changes of different top-level keys all survive; lost: ${lost.join(', ')}`)
    })

    race(`F34: ${crowd} increments by update give exactly ${crowd}`, async ({ sessions }) => {
      const tab = await signedIn(sessions)
      await Promise.all(numbers(crowd).map(async () => tab.visit(increment)))
      const { data } = await sessions.open(tab.cookie).load()
      check(data.count === crowd, `update is exact; ${crowd} increments gave ${data.count}`)
    })

    race(
      `F9: ${crowd} increments give exactly ${crowd} when one reply in ten is swallowed after the change was applied`,
      async ({ sessions, store }) => {
        const tab = await signedIn(sessions)
        let puts = 0
        store.fault = ({ method }) => (method === 'put' && ++puts % 10 === 0 ? 'swallow' : undefined)
        await Promise.all(numbers(crowd).map(async () => tab.visit(increment)))
        const { data } = await sessions.open(tab.cookie).load()
        check(data.count === crowd, `an unknown outcome is settled, never run again; ${crowd} increments gave ${data.count}`)
      },
    )

    for (const name of Object.keys(slowRequests)) {
      race(`S9, F35: a slow ${name} and a sign-out, ${interleavings} interleavings: no session comes back`, async ({ sessions, store }) => {
        for (let round = 0; round < interleavings; round++) await signOutAgainst(name, sessions, store)
      })
    }

    race(`the late answer of one tab never undoes the sign-in of another, ${interleavings} interleavings`, async ({ sessions, store }) => {
      for (let round = 0; round < interleavings; round++) {
        const visitor = browser(sessions)
        await visitor.visit((session) => void session.data.cart.push('before'))
        await inRandomOrder(
          store,
          () => visitor.visit(slowly(increment)),
          () => visitor.visit(slowly((session) => session.regenerate({ subject: 'u1' }))),
        )
        const { outcome, subject } = await sessions.open(visitor.cookie).load()
        check(
          outcome === 'live' && subject === 'u1',
          `after a sign-in the browser is signed in, whatever answer came last; it is ${outcome}, ${subject}`,
        )
      }
    })
  })
}

interface World extends Disposable {
  readonly store: FaultyStore
  readonly sessions: SessionManager<Data>
}

function newWorld(store: SessionStore): World {
  const faulty = faultyStore(store)
  const sessions = createSessions<Data>({
    store: faulty,
    secrets: ['only for the tests of the race contract'],
    initial: () => ({ count: 0, cart: [] }),
    // What is shown here is order, not speed: a machine under load must not decide.
    operationTimeout: 10_000,
    requestTimeout: 30_000,
    // Every request renews, so that a slow renewal can race too.
    strict: true,
  })
  return { store: faulty, sessions, cleanUp: () => sessions.close({ within: 0 }) }
}

async function signedIn(sessions: SessionManager<Data>): Promise<Browser<Data>> {
  const tab = browser(sessions)
  await tab.visit((session) => session.regenerate({ subject: 'u1' }))
  return tab
}

type Work = (session: Session<Data>) => void

const slowRequests: Readonly<Record<string, Work>> = {
  change: (session) => void session.data.cart.push('late'),
  update: increment,
  rotation: (session) => session.regenerate(),
  'sign-in': (session) => session.regenerate({ subject: 'u2' }),
  touch: () => {},
}

function increment(session: Session<Data>): void {
  session.update((data) => void (data.count += 1))
}

async function signOutAgainst(name: string, sessions: SessionManager<Data>, store: FaultyStore): Promise<void> {
  const work = slowRequests[name] as Work
  const tab = await signedIn(sessions)
  const { cookie: given } = tab
  let signedOut = false
  let cameAfter = false
  let isOverBefore = false
  const [slow] = await inRandomOrder(
    store,
    () =>
      tab.visit(
        slowly((session) => {
          if (session.outcome === 'live') work(session)
          cameAfter = signedOut
        }),
      ),
    () =>
      tab
        .visit(
          slowly((session) => {
            isOverBefore = session.outcome !== 'live'
            session.destroy()
          }),
        )
        .finally(() => (signedOut = true)),
  )
  // A sign-in that was over before the sign-out came is another session, and not its business.
  if (name === 'sign-in' && isOverBefore) return

  check(!cameAfter || slow.setCookies.length === 0, 'a request whose commit comes after a sign-out sets no cookie')
  for (const cookie of [given, ...slow.setCookies.map((line) => line.split(';', 1)[0])]) {
    const { outcome } = await sessions.open(cookie).load()
    check(outcome !== 'live', 'a signed-out session stays ended, under each token that its browser was given')
  }
}

/** Starts both at once and holds each of their store calls back for a random number of turns. */
async function inRandomOrder<One, Other>(store: FaultyStore, one: () => Promise<One>, other: () => Promise<Other>): Promise<[One, Other]> {
  store.fault = async () => void (await pause())
  const answers = await Promise.all([one(), other()])
  store.fault = undefined
  return answers
}

function slowly(work: Work): (session: Session<Data>) => Promise<void> {
  return async (session) => {
    await pause()
    work(session)
  }
}

async function pause(): Promise<void> {
  for (let turns = randomInt(6); turns > 0; turns--) await nextTurn()
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n)
}

function check(isKept: boolean, promise: string): asserts isKept {
  if (!isKept) throw new Error(`The engine breaks a promise: ${promise}.`)
}
