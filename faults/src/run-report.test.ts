import { expect, test } from 'vitest'
import type { Kind, RequestRecord } from './load/request-record.ts'
import { runReport, type Observed } from './run-report.ts'

function request(kind: Kind, startedAt: number, took: number | undefined, failure?: string): RequestRecord {
  const answeredAt = took === undefined ? undefined : startedAt + took
  return { kind, user: 0, startedAt, settledAt: answeredAt, answeredAt, failure, readFailed: failure === 'ERR_UNAVAILABLE' }
}

const observed: Observed = {
  audits: [],
  startedAt: 0,
  stoppedAt: 302,
  deadline: 100,
  unhandled: 0,
  leaks: 0,
  events: { hedge: 2 },
  stall: 1,
  facts: { seen: 1 },
}

test('requests are counted apart, in all and during the fault', () => {
  const records = [
    request('read', 10, 1),
    request('read', 100, 50),
    request('replay', 160, 10, 'ERR_UNAVAILABLE'),
    request('change', 120, 20, 'ERR_UNAVAILABLE'),
    request('change', 130, 100),
    request('sign-out', 140, 90),
    request('read', 300, 2),
  ]
  const report = runReport({ records, begunAt: 90, mendedAt: 200, endedAt: 250 }, observed)
  expect(report).toMatchObject({
    requests: 7,
    reads: { asked: 4, failed: 1, p50: 2, p99: 50 },
    readsDuring: { asked: 2, failed: 1, p99: 50 },
    changes: { asked: 3, failed: 1 },
    failedLoads: 1,
    failures: { ERR_UNAVAILABLE: 2 },
    changesResumed: 30,
    failuresAfterMend: 0,
    lastFailure: 80,
    unsettled: 0,
    events: { hedge: 2 },
    facts: { seen: 1 },
  })
  expect(report.reads.longestGap).toBe(152)
})

test('what was never answered, or took more than twice the deadline, is unsettled and failed', () => {
  const records = [request('change', 0, undefined), request('read', 0, 201), request('read', 0, 200)]
  const report = runReport({ records, begunAt: 0, mendedAt: undefined, endedAt: 300 }, observed)
  expect(report).toMatchObject({ unsettled: 2, changes: { asked: 1, failed: 1, p99: undefined } })
  expect(report.changesResumed).toBeUndefined()
  expect(report.failuresAfterMend).toBeUndefined()
})

test('a change that was under way when the fault began tells nothing about when changes resume', () => {
  const records = [request('change', 80, 130), request('change', 150, 70)]
  expect(runReport({ records, begunAt: 90, mendedAt: 200, endedAt: 250 }, observed).changesResumed).toBe(20)
})

test('what the checks say is summed up', () => {
  const audit = { checked: true, lost: false, lostChanges: 2, unasked: 1, stale: 3, revived: 1, signedOut: 4, foreign: 5 }
  const audits = [audit, { ...audit, checked: false, lost: true }]
  expect(runReport({ records: [], begunAt: 0, mendedAt: 0, endedAt: 1 }, { ...observed, audits })).toMatchObject({
    lost: 1,
    lostChanges: 4,
    unasked: 2,
    stale: 6,
    revived: 2,
    signedOut: 8,
    foreign: 10,
    unchecked: 1,
  })
})
