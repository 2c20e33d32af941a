import type { FinishedLoad } from './fault.ts'
import type { RequestRecord } from './load/request-record.ts'
import type { Audit } from './load/audit.ts'
import { longestGap, percentile } from './percentile.ts'

/** How requests of one kind fared, in a stretch of time. Times in milliseconds. */
export interface Figures {
  readonly asked: number
  readonly failed: number
  readonly p50: number | undefined
  readonly p99: number | undefined
  /** The longest stretch without a success. */
  readonly longestGap: number
}

/** What one run came to. */
export interface RunReport {
  readonly requests: number
  readonly reads: Figures
  /** Reads from the fault on until its scene is over. */
  readonly readsDuring: Figures
  readonly changes: Figures
  readonly changesDuring: Figures
  /** Changes that failed because the session could not be read. */
  readonly failedLoads: number
  readonly failures: Readonly<Record<string, number>>
  /** From the mend to the first acknowledged change that was asked for after the fault had begun, in milliseconds. */
  readonly changesResumed: number | undefined
  /** From the mend to the last answer that was a failure; 0 if there was none after it. */
  readonly failuresAfterMend: number | undefined
  /** From the fault's beginning to the last answer that was a failure. */
  readonly lastFailure: number | undefined
  readonly lost: number
  readonly lostChanges: number
  readonly unasked: number
  readonly stale: number
  readonly revived: number
  /** Answers that took somebody for signed out who was not. */
  readonly signedOut: number
  /** Answers that held another user's data. */
  readonly foreign: number
  /** Users whose session could not be checked afterwards. */
  readonly unchecked: number
  readonly unsettled: number
  readonly unhandled: number
  /** Warnings of this process that something has too many listeners, as a leak has. */
  readonly leaks: number
  /** How often an event was published, by its name. */
  readonly events: Readonly<Record<string, number>>
  /** The longest time that this process, load and all, was held up: times in this run are not to be trusted below it. */
  readonly stall: number
  /** What the fault itself counted. */
  readonly facts: Readonly<Record<string, number>>
}

/** What is known beside the requests. */
export interface Observed {
  readonly audits: readonly Audit[]
  readonly startedAt: number
  /** When the load asked no more; what it had asked may be answered later. */
  readonly stoppedAt: number
  /** Milliseconds that a request may take. */
  readonly deadline: number
  readonly unhandled: number
  readonly leaks: number
  readonly events: Readonly<Record<string, number>>
  readonly stall: number
  readonly facts: Readonly<Record<string, number>>
}

export function runReport(run: Omit<FinishedLoad, 'load'>, observed: Observed): RunReport {
  const { records, begunAt, mendedAt, endedAt } = run
  const { audits, startedAt, stoppedAt, deadline, unhandled, leaks, events, stall, facts } = observed
  const reads = records.filter(({ kind }) => kind === 'read' || kind === 'replay')
  const changes = records.filter(({ kind }) => kind === 'change' || kind === 'sign-out')
  const during = ({ startedAt: at, answeredAt }: RequestRecord): boolean => at <= endedAt && (answeredAt ?? Infinity) >= begunAt
  const acknowledged = changes.flatMap(({ answeredAt, failure, startedAt: at }) =>
    answeredAt !== undefined && failure === undefined && at >= begunAt ? [answeredAt] : [],
  )
  const failures = records.filter(({ failure }) => failure !== undefined)
  const resumedAt = mendedAt === undefined ? undefined : least(acknowledged.filter((at) => at >= mendedAt))
  const sum = (count: (audit: Audit) => number): number => audits.reduce((total, audit) => total + count(audit), 0)
  return {
    requests: records.length,
    reads: figures(reads, startedAt, stoppedAt),
    readsDuring: figures(reads.filter(during), begunAt, endedAt),
    changes: figures(changes, startedAt, stoppedAt),
    changesDuring: figures(changes.filter(during), begunAt, endedAt),
    failedLoads: changes.filter(({ readFailed }) => readFailed).length,
    failures: countedBy(failures, ({ failure }) => failure!),
    changesResumed: resumedAt === undefined ? undefined : resumedAt - mendedAt!,
    failuresAfterMend: mendedAt === undefined ? undefined : Math.max(0, ...failures.map(({ answeredAt }) => answeredAt! - mendedAt)),
    lastFailure: failures.length === 0 ? undefined : Math.max(...failures.map(({ answeredAt }) => answeredAt!)) - begunAt,
    lost: sum(({ lost }) => Number(lost)),
    lostChanges: sum(({ lostChanges }) => lostChanges),
    unasked: sum(({ unasked }) => unasked),
    stale: sum(({ stale }) => stale),
    revived: sum(({ revived }) => revived),
    signedOut: sum(({ signedOut }) => signedOut),
    foreign: sum(({ foreign }) => foreign),
    unchecked: sum(({ checked }) => Number(!checked)),
    unsettled: records.filter(({ startedAt: at, settledAt }) => settledAt === undefined || settledAt - at > 2 * deadline).length,
    unhandled,
    leaks,
    events,
    stall,
    facts,
  }
}

function figures(records: readonly RequestRecord[], from: number, to: number): Figures {
  const answered = records.filter(({ answeredAt }) => answeredAt !== undefined)
  const took = answered.map(({ startedAt, answeredAt }) => answeredAt! - startedAt)
  const successes = answered.flatMap(({ failure, answeredAt }) => (failure === undefined ? [answeredAt!] : []))
  return {
    asked: records.length,
    failed: records.length - successes.length,
    p50: percentile(took, 50),
    p99: percentile(took, 99),
    longestGap: longestGap(successes, from, to),
  }
}

function countedBy<T>(all: readonly T[], name: (one: T) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const one of all) counts[name(one)] = (counts[name(one)] ?? 0) + 1
  return counts
}

function least(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : Math.min(...numbers)
}
