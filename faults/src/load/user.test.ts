import { describe, expect, test } from 'vitest'
import type { RequestRecord } from './request-record.ts'
import type { Found, Site, Visitor } from './site.ts'
import { userOf, type User } from './user.ts'

const live = (...changes: number[]): Found => ({ outcome: 'live', changes })

interface Fabricated {
  readonly user: User
  readonly records: RequestRecord[]
  readonly site: Site
  readonly visitor: { -readonly [Method in keyof Visitor]: Visitor[Method] }
}

/** A user of a site whose every answer is made up. */
function fabricated(site: Partial<Site> = {}): Fabricated {
  const visitor: Fabricated['visitor'] = {
    key: 'key',
    cookies: 'cookies',
    arrive: async () => {},
    read: async () => live(),
    change: async () => {},
    signOut: async () => {},
    copy: () => async () => ({ outcome: 'ended', changes: [] }),
    check: async () => live(),
  }
  const records: RequestRecord[] = []
  const whole: Site = {
    visitor: () => visitor,
    present: async () => live(),
    nameOf: (error) => (error as Error).message,
    failureOf: (error) => ((error as Error).message === 'unknown' ? 'unknown' : 'not-made'),
    isReadFailure: () => false,
    deadline: 50,
    close: async () => {},
    ...site,
  }
  let changes = 0
  return { user: userOf({ site: whole, records, nextChange: () => (changes += 1) }, 1), records, visitor, site: whole }
}

const nothing = { checked: true, lost: false, lostChanges: 0, unasked: 0, stale: 0, revived: 0, signedOut: 0, foreign: 0 }

describe('what the check finds', () => {
  test('all changes there', async () => {
    const { user, visitor } = fabricated()
    await user.change()
    visitor.check = async () => live(1)
    expect(await user.audit()).toEqual(nothing)
  })

  test('an acknowledged change that is not there is lost', async () => {
    const { user, visitor } = fabricated()
    await user.change()
    await user.change()
    visitor.check = async () => live(2)
    expect(await user.audit()).toEqual({ ...nothing, lostChanges: 1 })
  })

  test('one that was answered as not made, and is there, nobody asked for; nor for one that is there twice', async () => {
    const { user, visitor } = fabricated()
    visitor.change = async () => Promise.reject(new Error('refused'))
    await user.change()
    visitor.change = async () => {}
    await user.change()
    visitor.check = async () => live(1, 2, 2)
    expect(await user.audit()).toEqual({ ...nothing, unasked: 2 })
  })

  test('one of which nobody knew may be there or not', async () => {
    const { user, visitor } = fabricated()
    visitor.change = async () => Promise.reject(new Error('unknown'))
    await user.change()
    expect(await user.audit()).toEqual(nothing)
    visitor.check = async () => live(1)
    expect(await user.audit()).toEqual(nothing)
  })

  test('a session that is gone is lost, with its changes', async () => {
    const { user, visitor } = fabricated()
    await user.change()
    visitor.check = async () => ({ outcome: 'missing', changes: [] })
    expect(await user.audit()).toEqual({ ...nothing, lost: true, lostChanges: 1 })
  })

  test.each([
    ['fails', async () => Promise.reject(new Error('down'))],
    ['never comes', () => new Promise<Found>(() => {})],
  ])('a check that %s is none', async (_, check) => {
    const { user, visitor } = fabricated()
    visitor.check = check
    expect(await user.audit()).toEqual({ ...nothing, checked: false })
  })
})

describe('what reads find', () => {
  test('less than what was answered before is stale', async () => {
    const { user, visitor } = fabricated()
    await user.change()
    await user.read()
    visitor.check = async () => live(1)
    expect(await user.audit()).toEqual({ ...nothing, stale: 1 })
  })

  test('a change that was acknowledged while the read was under way need not be in it', async () => {
    const { user, visitor } = fabricated()
    let answer: ((found: Found) => void) | undefined
    visitor.read = () => new Promise((resolve) => (answer = resolve))
    const reading = user.read()
    await user.change()
    answer!(live())
    await reading
    visitor.check = async () => live(1)
    expect(await user.audit()).toEqual(nothing)
  })

  test("another user's changes, or nobody, are seen", async () => {
    const { user, visitor } = fabricated()
    visitor.read = async () => live(99)
    await user.read()
    visitor.read = async () => ({ outcome: 'missing', changes: [] })
    await user.read()
    expect(await user.audit()).toEqual({ ...nothing, foreign: 1, signedOut: 1 })
  })

  test('old cookies after an acknowledged sign-out bring nobody back', async () => {
    const { user, visitor } = fabricated()
    await user.replay()
    await user.signOut()
    await user.replay()
    expect(await user.audit()).toEqual(nothing)
    const again = fabricated()
    again.visitor.copy = () => async () => live()
    await again.user.signOut()
    await again.user.replay()
    expect(await again.user.audit()).toEqual({ ...nothing, revived: 1 })
    expect(visitor.key).toBe('key')
  })

  test('another application is shown the cookies of now, and after a sign-out those from before it', async () => {
    const { user, visitor, site } = fabricated()
    const shown: string[] = []
    const other = (found: Found): Site => ({ ...site, present: async (cookies) => (shown.push(cookies), found) })
    await user.change()
    visitor.check = async () => live(1)
    await user.visit(other(live()))
    expect(await user.audit()).toMatchObject({ stale: 1, revived: 0 })
    await user.signOut()
    Object.assign(visitor, { cookies: '' })
    await user.visit(other(live()))
    expect(await user.audit()).toMatchObject({ revived: 1 })
    expect([shown, user.leaving]).toEqual([['cookies', 'cookies'], true])
  })

  test('a sign-out that failed leaves it open', async () => {
    const { user, visitor, records } = fabricated()
    visitor.signOut = async () => Promise.reject(new Error('down'))
    visitor.copy = () => async () => live()
    await user.signOut()
    await user.replay()
    expect(user.signedOut).toBe(false)
    expect(records.map(({ kind, failure }) => [kind, failure])).toEqual([['sign-out', 'down']])
    expect(await user.audit()).toEqual(nothing)
  })
})

describe('records', () => {
  test('of what was answered, and of what failed', async () => {
    const { user, visitor, records } = fabricated()
    await user.read()
    visitor.read = async () => Promise.reject(new Error('down'))
    await user.read()
    const [good, bad] = records as [RequestRecord, RequestRecord]
    expect(good).toMatchObject({ kind: 'read', failure: undefined, readFailed: false, answeredAt: good.settledAt })
    expect(bad).toMatchObject({ kind: 'read', failure: 'down', readFailed: true, answeredAt: bad.settledAt })
    expect(good.settledAt).toBeGreaterThanOrEqual(good.startedAt)
  })

  test('whoever asked goes after a while, and what comes later counts no more', async () => {
    const { user, visitor, records } = fabricated({ patience: 5 })
    let answer = (): void => {}
    visitor.change = () => new Promise((resolve) => (answer = resolve))
    await user.change()
    expect(records[0]).toMatchObject({ failure: 'TooSlow', settledAt: undefined })
    answer()
    await expect.poll(() => records[0]?.settledAt).toBeDefined()
    expect(records[0]).toMatchObject({ failure: 'TooSlow' })
    // Neither acknowledged nor refused: it may be there.
    visitor.check = async () => live(1)
    expect(await user.audit()).toEqual(nothing)
  })
})
