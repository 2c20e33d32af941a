import { expect, test } from 'vitest'
import { primaryKilled } from './faults/f01-primary-killed.ts'
import { digest, report } from './report.ts'
import { allMet, faultResult, notRunHere, type FaultResult, type Results } from './results.ts'
import { runReport, type Observed } from './run-report.ts'

const observed: Observed = {
  audits: [],
  startedAt: 0,
  stoppedAt: 302,
  deadline: 100,
  unhandled: 0,
  leaks: 0,
  events: { hedge: 4 },
  stall: 3,
  facts: {},
}
const answered = { user: 0, readFailed: false, failure: undefined }
const records = [
  { ...answered, kind: 'read', startedAt: 20, settledAt: 21, answeredAt: 21 },
  { ...answered, kind: 'change', startedAt: 30, settledAt: 40, answeredAt: 40 },
] as const
const run = runReport({ records, begunAt: 10, mendedAt: 35, endedAt: 50 }, observed)
const lost = { ...run, lost: 2 }

const results = (...all: FaultResult[]): Results => ({
  measuredAt: '2026-11-25',
  how: { command: 'npm run faults', form: 'long', rounds: 3 },
  versions: { Node: '20.20.2', Redis: '7.0.15' },
  faults: all,
})

test('a summary, a table a fault with both systems, and the verdicts', () => {
  const met = results(faultResult(primaryKilled, { holdfast: [run, run, run], ioredis: [lost, run, run] }, []))
  expect(allMet(met)).toBe(true)
  const text = report(met)
  expect(text).toMatch(/\| F1 +\| the primary is killed \(Sentinel\) \| as promised \|/)
  expect(text).toMatch(/\| sessions lost +\| 0, 0, 0 +\| 2, 0, 0 +\|/)
  expect(text).toMatch(/\| reads: p99, ms +\| 1 \(worst 1\) +\| 1 \(worst 1\) +\|/)
  expect(text).toMatch(/\| events: hedge +\| 4, 4, 4 +\|/)
  expect(text).toMatch(/\| p99 of reads during the fault +\| at most 25 ms +\| 1, 1, 1 +\| yes \|/)
  expect(text).toContain('with Node 20.20.2, Redis 7.0.15')
  expect(text).not.toMatch(/undefined|NaN|Infinity/)
})

test('what was missed is named', () => {
  const missed = results(faultResult(primaryKilled, { holdfast: [run, lost, run] }, []))
  expect(allMet(missed)).toBe(false)
  expect(report(missed)).toContain('missed: sessions lost')
  expect(report(missed)).toMatch(/\| sessions lost +\| 0 +\| 0, 2, 0 +\| NO +\|/)
})

test('a fault that could not be run here says so, and is not counted as missed', () => {
  const here = results(notRunHere(primaryKilled, 'needs root on Linux'))
  expect(allMet(here)).toBe(true)
  expect(report(here)).toContain('not run: needs root on Linux')
})

test('a run that broke off is no success, whatever the others say', () => {
  const broken = results(faultResult(primaryKilled, { holdfast: [run] }, ['ioredis: it ended at once']))
  expect(allMet(broken)).toBe(false)
  expect(report(broken)).toContain('broken off')
  expect(report(broken)).toContain('Broken off: ioredis: it ended at once')
})

test('a digest has a table for each of what stands beside Holdfast', () => {
  const onMemcached = { ...primaryKilled, id: 'F25', beside: ['memjs', 'memjs-failover'] } as const
  const both = [faultResult(primaryKilled, { holdfast: [run], ioredis: [lost] }, []), faultResult(onMemcached, { holdfast: [run] }, [])]
  const [redis, memcached] = digest(results(...both)).split('\n\n')
  expect(redis).toMatch(/\| Holdfast \/ ioredis \|[^]*\n\| F1: as promised +\| 0 \/ 0 /)
  expect(memcached).toMatch(/\| Holdfast \/ memjs \/ memjs-failover \|[^]*\n\| F25: as promised +\| 0 \/ - \/ - /)
})
