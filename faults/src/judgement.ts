import type { RunReport } from './run-report.ts'

/** One thing that must be seen. */
export interface Judgement {
  readonly what: string
  /** The figure that it is about; undefined: the run never came so far, which is a failure. */
  readonly of: (report: RunReport) => number | undefined
  /** `exactly` and `atLeast` are about counts and hold in every round; a time is bounded `within` milliseconds. */
  readonly must: { readonly exactly: number } | { readonly atLeast: number } | { readonly atMost: number } | { readonly within: number }
}

/** What a judgement came to over the rounds of one fault. */
export interface Verdict {
  readonly what: string
  /** In words: `0`, `at most 25 ms`. */
  readonly bound: string
  /** A figure a round. */
  readonly found: readonly (number | undefined)[]
  readonly met: boolean
}

/** How much later than on a machine of its own a time may be. */
export interface Leniency {
  /** The bounds of times are multiplied by it. */
  readonly factor: number
  /** And for so many milliseconds on top the process was held up itself. */
  readonly stall: number
}

const none: Leniency = { factor: 1, stall: 0 }

/** Counts hold in every round. Of times the median holds, since a machine may stall. */
export function judge(judgements: readonly Judgement[], reports: readonly RunReport[], leniency = none): Verdict[] {
  return judgements.map(({ what, of, must }) => {
    const found = reports.map(of)
    const holds = (figure: number | undefined): boolean => figure !== undefined && isMet(figure, must, leniency)
    const met = 'within' in must ? holds(median(found)) : found.length > 0 && found.every(holds)
    return { what, bound: boundOf(must, leniency), found, met }
  })
}

function isMet(figure: number, must: Judgement['must'], leniency: Leniency): boolean {
  if ('exactly' in must) return figure === must.exactly
  if ('atLeast' in must) return figure >= must.atLeast
  if ('atMost' in must) return figure <= must.atMost
  return figure <= latest(must.within, leniency)
}

function boundOf(must: Judgement['must'], leniency: Leniency): string {
  if ('exactly' in must) return String(must.exactly)
  if ('atLeast' in must) return `at least ${must.atLeast}`
  if ('atMost' in must) return `at most ${must.atMost}`
  return `at most ${latest(must.within, leniency)} ms`
}

function latest(ms: number, { factor, stall }: Leniency): number {
  return ms * factor + Math.ceil(stall)
}

/** The middle one, or the later of two; what is undefined is the greatest. */
export function median(figures: readonly (number | undefined)[]): number | undefined {
  const sorted = figures.map((figure) => figure ?? Infinity).toSorted((one, other) => one - other)
  const middle = sorted[Math.floor(sorted.length / 2)]
  return middle === Infinity ? undefined : middle
}

/** What no fault may do, whatever it is. */
export const always: readonly Judgement[] = [
  { what: 'sessions lost', of: ({ lost }) => lost, must: { exactly: 0 } },
  { what: 'ended sessions brought back', of: ({ revived }) => revived, must: { exactly: 0 } },
  { what: 'answers that took somebody for signed out', of: ({ signedOut }) => signedOut, must: { exactly: 0 } },
  { what: "answers with another user's data", of: ({ foreign }) => foreign, must: { exactly: 0 } },
  { what: 'reads older than what the same browser was answered before', of: ({ stale }) => stale, must: { exactly: 0 } },
  { what: 'acknowledged changes lost', of: ({ lostChanges }) => lostChanges, must: { exactly: 0 } },
  { what: 'changes that nobody asked for', of: ({ unasked }) => unasked, must: { exactly: 0 } },
  { what: 'sessions that could not be checked afterwards', of: ({ unchecked }) => unchecked, must: { exactly: 0 } },
  { what: 'promises unsettled after twice the deadline', of: ({ unsettled }) => unsettled, must: { exactly: 0 } },
  { what: 'unhandled rejections', of: ({ unhandled }) => unhandled, must: { exactly: 0 } },
  { what: 'warnings of too many listeners', of: ({ leaks }) => leaks, must: { exactly: 0 } },
  { what: 'failures without a code of ours', of: ({ failures }) => failuresBut(failures, /^ERR_/), must: { exactly: 0 } },
]

/** The same without what this fault is about. */
export function alwaysBut(...expected: readonly string[]): Judgement[] {
  return always.filter(({ what }) => !expected.includes(what))
}

/**
 * The same where a primary goes on without its replicas for a while, which asynchronous replication pays for with what it has
 * acknowledged meanwhile, sign-outs too where it has no replica left. That it does so is told, at least.
 */
export const alwaysButLoss: readonly Judgement[] = [
  ...alwaysBut('acknowledged changes lost', 'ended sessions brought back'),
  {
    what: 'runs that brought ended sessions back without telling (not-replicated)',
    of: ({ revived, events }) => Number(revived > 0 && events['not-replicated'] === undefined),
    must: { exactly: 0 },
  },
  lossIsTold('lost-change'),
]

/** The same of a ring, where two applications that disagree for a moment about who is up may both be told that their change was made. */
export const alwaysOnRings: readonly Judgement[] = [...alwaysBut('acknowledged changes lost'), lossIsTold('fork')]

function lossIsTold(event: 'lost-change' | 'fork'): Judgement {
  return {
    what: `runs that lost changes without telling (${event})`,
    of: ({ lostChanges, events }) => Number(lostChanges > 0 && events[event] === undefined),
    must: { exactly: 0 },
  }
}

/** How many requests failed with another error than these. */
export function failuresBut(failures: RunReport['failures'], expected: RegExp): number {
  return Object.entries(failures).reduce((sum, [name, count]) => sum + (expected.test(name) ? 0 : count), 0)
}

/** After the mend nothing fails for longer than this. */
export function failuresEndWithin(ms: number): Judgement {
  return { what: 'from the mend to the last failure', of: ({ failuresAfterMend }) => failuresAfterMend, must: { within: ms } }
}

/** No request failed because its session could not be read. */
export const noReadFailed: Judgement = {
  what: 'reads failed, those of changes too',
  of: ({ reads, failedLoads }) => reads.failed + failedLoads,
  must: { exactly: 0 },
}

export function readsWithin(ms: number): Judgement {
  return { what: 'p99 of reads during the fault', of: ({ readsDuring }) => readsDuring.p99, must: { within: ms } }
}

export function changesResumeWithin(ms: number): Judgement {
  return { what: 'from the mend to the first change', of: ({ changesResumed }) => changesResumed, must: { within: ms } }
}

/** Not even of those who had signed out, whose end has to stay known. */
export const noneMissing: Judgement = { what: 'sessions found missing', of: ({ events }) => events['missing'] ?? 0, must: { exactly: 0 } }

export const noChangeFailed: Judgement = { what: 'changes failed', of: ({ changes }) => changes.failed, must: { exactly: 0 } }

/** A figure of the fault's own. */
export function fact(name: string, must: Judgement['must']): Judgement {
  return { what: name, of: ({ facts }) => facts[name], must }
}
