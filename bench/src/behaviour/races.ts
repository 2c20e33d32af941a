import type { Site } from './observe.ts'
import { crowd, rounds, type Observed } from './observed.ts'
import type { Visitor } from './visitor.ts'

type Races = Pick<Observed, 'increments' | 'keys' | 'openAfterSignOut' | 'revivedUnderOldCookie' | 'revivedInBrowser'>

/** Requests of one browser at the same time. */
export async function observeRaces(site: Site): Promise<Races> {
  const increments: number[] = []
  const keys: number[] = []
  for (let round = 0; round < rounds; round++) {
    increments.push(await incrementsOf(site))
    keys.push(await keysOf(site))
  }
  return { increments, keys, openAfterSignOut: await openAfterSignOut(site), ...(await signOutDuringSlow(site)) }
}

async function incrementsOf({ newVisitor }: Site): Promise<number> {
  const browser = newVisitor()
  await browser.get('/start')
  await atOnce(browser, () => '/increment')
  return Number((await browser.get('/read')).data['count'])
}

async function keysOf({ newVisitor }: Site): Promise<number> {
  const browser = newVisitor()
  await browser.get('/start')
  await atOnce(browser, (n) => `/key${n}`)
  return Object.keys((await browser.get('/read')).data).filter((name) => name.startsWith('key')).length
}

async function openAfterSignOut({ newVisitor }: Site): Promise<boolean> {
  const browser = newVisitor()
  await browser.get('/sign-in')
  const before = new Map(browser.cookies)
  await browser.get('/sign-out')
  return isSignedIn(newVisitor(before))
}

async function signOutDuringSlow({ newVisitor, slowHasLoaded, releaseSlow }: Site) {
  const browser = newVisitor()
  await browser.get('/sign-in')
  const before = new Map(browser.cookies)
  const loaded = slowHasLoaded()
  const slow = browser.get('/slow')
  await loaded
  await browser.get('/sign-out')
  releaseSlow()
  await slow
  return { revivedInBrowser: await isSignedIn(browser), revivedUnderOldCookie: await isSignedIn(newVisitor(before)) }
}

function atOnce(browser: Visitor, path: (n: number) => string): Promise<unknown> {
  return Promise.all(Array.from({ length: crowd }, (_, n) => browser.get(path(n))))
}

async function isSignedIn(browser: Visitor): Promise<boolean> {
  return (await browser.get('/read')).data['user'] === 'ada'
}
