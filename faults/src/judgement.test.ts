import { describe, expect, test } from 'vitest'
import { faults } from './faults/all.ts'
import { always, fact, judge, median } from './judgement.ts'
import type { RunReport } from './run-report.ts'

const figures = { asked: 100, failed: 0, p50: 1, p99: 2, longestGap: 10 }

/** What a run reports in which nothing went wrong at all. */
const good: RunReport = {
  requests: 200,
  reads: figures,
  readsDuring: figures,
  changes: figures,
  changesDuring: figures,
  failedLoads: 0,
  failures: {},
  changesResumed: 3,
  failuresAfterMend: 0,
  lastFailure: undefined,
  lost: 0,
  lostChanges: 0,
  unasked: 0,
  stale: 0,
  revived: 0,
  signedOut: 0,
  foreign: 0,
  unchecked: 0,
  unsettled: 0,
  unhandled: 0,
  leaks: 0,
  events: {},
  stall: 1,
  facts: {},
}

const busy = { factor: 10, stall: 49.2 }

const missed = (...args: Parameters<typeof judge>): string[] => judge(...args).flatMap(({ met, what }) => (met ? [] : [what]))

describe('what no fault may do', () => {
  test('a good run meets it', () => expect(missed(always, [good, good])).toEqual([]))

  test.each([
    ['sessions lost', { lost: 1 }],
    ['ended sessions brought back', { revived: 1 }],
    ['answers that took somebody for signed out', { signedOut: 1 }],
    ["answers with another user's data", { foreign: 1 }],
    ['reads older than what the same browser was answered before', { stale: 1 }],
    ['acknowledged changes lost', { lostChanges: 1 }],
    ['changes that nobody asked for', { unasked: 1 }],
    ['sessions that could not be checked afterwards', { unchecked: 1 }],
    ['promises unsettled after twice the deadline', { unsettled: 1 }],
    ['unhandled rejections', { unhandled: 1 }],
    ['warnings of too many listeners', { leaks: 1 }],
    ['failures without a code of ours', { failures: { ERR_UNAVAILABLE: 3, TypeError: 1 } }],
  ])('%s, in one round of three', (what, bad) => {
    expect(missed(always, [good, { ...good, ...bad }, good])).toEqual([what])
  })
})

describe('what each fault must show', () => {
  const slow = { ...figures, failed: 7, p99: 100_000 }
  const bad: RunReport = {
    ...good,
    reads: slow,
    readsDuring: slow,
    changes: slow,
    changesDuring: slow,
    failedLoads: 3,
    failures: { TypeError: 17 },
    changesResumed: undefined,
    failuresAfterMend: 100_000,
    lost: 1,
    lostChanges: 1,
    unasked: 1,
    stale: 1,
    revived: 1,
    foreign: 1,
    unchecked: 1,
    unsettled: 1,
    unhandled: 1,
    leaks: 1,
    events: { missing: 1, node: 1 },
  }
  test.each(faults.map((fault) => [fault.id, fault] as const))(
    '%s: a run in which all went wrong misses every one',
    (_, { judgements }) => {
      // Of what such a run does not count itself, nothing was seen.
      const seen = judgements.filter(({ what }) => what !== 'answers that took somebody for signed out')
      expect(missed(seen, [bad], busy)).toEqual(seen.map(({ what }) => what))
    },
  )
  test.each(faults.map((fault) => [fault.id, fault] as const))('%s: a run that never was misses every one', (_, { judgements }) => {
    expect(missed(judgements, [])).toHaveLength(judgements.length)
  })
})

describe('judge', () => {
  const took = (ms: number | undefined): RunReport => ({ ...good, changesResumed: ms })
  const within = [{ what: 'resumed', of: (report: RunReport) => report.changesResumed, must: { within: 300 } }] as const

  test('of times the median holds', () => {
    expect(missed(within, [took(5_000), took(200), took(300)])).toEqual([])
    expect(missed(within, [took(301), took(200), took(5_000)])).toEqual(['resumed'])
  })
  test('what never came is later than any time', () => {
    expect(missed(within, [took(undefined), took(200), took(200)])).toEqual([])
    expect(missed(within, [took(undefined), took(200), took(undefined)])).toEqual(['resumed'])
  })
  test('leniency is for times, not for counts', () => {
    expect(missed(within, [took(3_050)], busy)).toEqual([])
    expect(missed(within, [took(3_051)], busy)).toEqual(['resumed'])
    expect(missed([fact('sockets', { atMost: 0 })], [{ ...good, facts: { sockets: 1 } }], busy)).toEqual(['sockets'])
  })
  test('counts hold in every round, and a fact that was not counted is missed', () => {
    const seen = fact('seen', { atLeast: 1 })
    expect(missed([seen], [{ ...good, facts: { seen: 2 } }])).toEqual([])
    expect(
      missed(
        [seen],
        [
          { ...good, facts: { seen: 2 } },
          { ...good, facts: { seen: 0 } },
        ],
      ),
    ).toEqual(['seen'])
    expect(missed([seen], [good])).toEqual(['seen'])
  })
  test('says what was found, and the bound in words', () => {
    expect(judge(within, [took(12), took(undefined)])).toEqual([
      { what: 'resumed', bound: 'at most 300 ms', found: [12, undefined], met: false },
    ])
  })
})

test('the median of two is the later one', () => {
  expect(median([1, 2])).toBe(2)
  expect(median([undefined])).toBeUndefined()
  expect(median([3, 1, 2])).toBe(2)
})
