import { performance } from 'node:perf_hooks'
import type { Audit } from './audit.ts'
import type { Kind, RequestRecord } from './request-record.ts'
import type { Found, Site } from './site.ts'
import { within } from './within.ts'

type Fate = 'pending' | 'acknowledged' | 'unknown' | 'not-made'

/** Someone with a browser: what they asked for, and what they were told. */
export interface User {
  readonly key: string
  arrive(): Promise<void>
  read(): Promise<void>
  change(): Promise<void>
  /** Signs out; afterwards `replay` presents the cookies from before. */
  signOut(): Promise<void>
  replay(): Promise<void>
  /** Its browser comes to another application on the same servers: a read with its cookies, or with those from before it left. */
  visit(other: Site): Promise<void>
  /** Whether it has asked to sign out, however that ended: what becomes of its session is then nobody's loss. */
  readonly leaving: boolean
  /** Whether the sign-out was acknowledged. */
  readonly signedOut: boolean
  audit(): Promise<Audit>
}

/** What all users of one load share. */
export interface Crowd {
  readonly site: Site
  readonly records: RequestRecord[]
  /** A number that no other change has. */
  nextChange(): number
}

/** The user with this number; every other one is signed in. */
export function userOf({ site, records, nextChange }: Crowd, number: number): User {
  const visitor = site.visitor()
  const fates = new Map<number, Fate>()
  // The change whose answer came last: the newest that this browser's cookies speak of.
  let latest: number | undefined
  const staleFor: number[] = []
  let copy: (() => Promise<Found>) | undefined
  let copied = ''
  let leaving = false
  let signedOutAt: number | undefined
  let revived = 0
  let takenForSignedOut = 0
  let foreign = 0

  /** Makes one request and keeps its record; never rejects. Answers once it counts as done or failed. */
  async function ask<T>(kind: Kind, request: () => Promise<T>, done: (answer: T) => void, failed: (error: unknown) => void): Promise<void> {
    const record: RequestRecord = {
      kind,
      user: number,
      startedAt: performance.now(),
      settledAt: undefined,
      answeredAt: undefined,
      failure: undefined,
      readFailed: false,
    }
    records.push(record)
    let timer: NodeJS.Timeout | undefined
    const fail = (name: string, readFailed: boolean): void => {
      record.failure = name
      record.readFailed = readFailed
      record.answeredAt = record.settledAt ?? performance.now()
    }
    const answer = request().then(
      (value) => {
        record.settledAt = performance.now()
        if (record.answeredAt !== undefined) return
        record.answeredAt = record.settledAt
        done(value)
      },
      (error: unknown) => {
        record.settledAt = performance.now()
        if (record.answeredAt !== undefined) return
        fail(site.nameOf(error), kind === 'read' || kind === 'replay' || site.isReadFailure(error))
        failed(error)
      },
    )
    if (site.patience === undefined) return answer
    const gone = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        fail('TooSlow', kind === 'read' || kind === 'replay')
        failed(undefined)
        resolve()
      }, site.patience)
    })
    await Promise.race([answer, gone])
    clearTimeout(timer)
  }

  function judge(found: Found, newest: number | undefined): void {
    if (found.outcome !== 'live' && !leaving) takenForSignedOut += 1
    if (found.changes.some((change) => !fates.has(change))) foreign += 1
    if (found.outcome === 'live' && newest !== undefined && !found.changes.includes(newest)) staleFor.push(newest)
  }

  const replayBy = (request: () => Promise<Found>): Promise<void> =>
    ask(
      'replay',
      request,
      ({ outcome }) => void (revived += outcome === 'live' ? 1 : 0),
      () => {},
    )

  const showsEverywhere = (): boolean => signedOutAt !== undefined && performance.now() >= signedOutAt + (site.signOutShowsWithin ?? 0)

  return {
    get key() {
      return visitor.key
    },
    get signedOut() {
      return signedOutAt !== undefined
    },
    get leaving() {
      return leaving
    },
    arrive: () => visitor.arrive(number % 2 === 0 ? `user-${number}` : undefined),

    async read() {
      const newest = latest
      await ask(
        'read',
        visitor.read,
        (found) => judge(found, newest),
        () => {},
      )
    },

    async change() {
      const change = nextChange()
      fates.set(change, 'pending')
      await ask(
        'change',
        () => visitor.change(change),
        () => {
          fates.set(change, 'acknowledged')
          latest = change
        },
        (error) => void fates.set(change, error === undefined ? 'unknown' : site.failureOf(error)),
      )
    },

    async signOut() {
      leaving = true
      copy = visitor.copy()
      copied = visitor.cookies
      await ask(
        'sign-out',
        visitor.signOut,
        () => void (signedOutAt = performance.now()),
        () => {},
      )
    },

    async replay() {
      if (copy !== undefined && showsEverywhere()) await replayBy(copy)
    },

    async visit(other) {
      const newest = latest
      if (signedOutAt !== undefined) return showsEverywhere() ? replayBy(() => other.present(copied)) : undefined
      await ask(
        'read',
        () => other.present(visitor.cookies),
        (found) => judge(found, newest),
        () => {},
      )
    },

    async audit() {
      // Whoever leaves makes changes until then that nobody can see any more.
      const none: Audit = {
        checked: true,
        lost: false,
        lostChanges: 0,
        unasked: 0,
        stale: 0,
        revived,
        signedOut: takenForSignedOut,
        foreign,
      }
      if (leaving) return none
      const found = await within(site.deadline * 2, visitor.check()).catch(() => undefined)
      if (found === undefined || found.outcome === 'other') return { ...none, checked: false }
      const present = new Set(found.changes)
      const fated = (fate: Fate): number[] => Array.from(fates).flatMap(([change, its]) => (its === fate ? [change] : []))
      const lostChanges = fated('acknowledged').filter((change) => !present.has(change))
      return {
        ...none,
        lost: found.outcome !== 'live',
        lostChanges: lostChanges.length,
        unasked: found.changes.length - present.size + fated('not-made').filter((change) => present.has(change)).length,
        stale: staleFor.filter((change) => !lostChanges.includes(change)).length,
      }
    },
  }
}
