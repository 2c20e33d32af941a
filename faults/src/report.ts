import type { Verdict } from './judgement.ts'
import { median } from './judgement.ts'
import { outcomeOf, type FaultResult, type Results } from './results.ts'
import type { RunReport } from './run-report.ts'
import type { System } from './fault.ts'

type Table = readonly (readonly string[])[]

const names: Readonly<Record<System, string>> = {
  holdfast: 'Holdfast',
  ioredis: 'ioredis, its defaults',
  memjs: 'memjs, its defaults',
  'memjs-failover': 'memjs, failover: true',
}

/** Markdown that reads in a terminal too: its columns are aligned. */
export function report(results: Results): string {
  return [summary(results), ...results.faults.map(section), footing(results), ''].join('\n\n')
}

/** A row a fault, for a page: what failed and how long it took, on Holdfast and, after the stroke, on what stands beside it. */
export function digest(results: Results): string {
  const cells: readonly ((report: RunReport) => number | undefined)[] = [
    ({ reads }) => reads.failed,
    ({ changes }) => changes.failed,
    ({ readsDuring }) => readsDuring.p99,
    ({ changesResumed }) => changesResumed,
    ({ signedOut }) => signedOut,
    ({ lostChanges }) => lostChanges,
    ({ unsettled }) => unsettled,
  ]
  const figure = (reports: readonly RunReport[] | undefined, of: (typeof cells)[number]): string =>
    reports === undefined || reports.length === 0 ? '-' : rounded(median(reports.map((one) => of(one) ?? Infinity)))
  const row = (result: FaultResult): string[] => [
    `${result.id}: ${outcomeOf(result)}`,
    ...cells.map((of) => {
      const ours = figure(result.runs.holdfast, of)
      // Where nothing kept changes from being made there is no mend to count from.
      return ours === 'never' ? '-' : `${ours} / ${result.beside.map((system) => figure(result.runs[system], of)).join(' / ')}`
    }),
  ]
  const counted = ['reads failed', 'changes failed', 'p99 of reads in the fault, ms', 'first change, ms after the mend']
  const head = [...counted, 'answers that took somebody for signed out', 'acknowledged changes lost', 'promises unsettled']
  // What stands beside is the same in each table.
  const kinds = new Set(results.faults.map(({ beside }) => beside.join(' / ')))
  const tables = [...kinds].map((kind) => {
    const rows = results.faults.filter(({ beside }) => beside.join(' / ') === kind).map(row)
    return aligned([[`Holdfast / ${kind}`, ...head], ...rows])
  })
  return `${[...tables, footing(results)].join('\n\n')}\n`
}

/** A row a fault. */
function summary({ faults }: Results): string {
  const rows = faults.map((result) => [result.id, result.title, outcomeOf(result)])
  return aligned([['', 'fault', 'Holdfast'], ...rows])
}

function section(result: FaultResult): string {
  const { id, title, notRun, errors, verdicts, runs } = result
  const head = `#### ${id}: ${title}`
  if (notRun !== undefined) return `${head}\n\nNot run: ${notRun}.`
  const broken = errors.map((error) => `Broken off: ${error}`)
  return [head, ...broken, aligned(figuresTable(runs)), aligned(verdictTable(verdicts))].join('\n\n')
}

function verdictTable(verdicts: readonly Verdict[]): Table {
  const rows = verdicts.map(({ what, bound, found, met }) => [what, bound, found.map(rounded).join(', '), met ? 'yes' : 'NO'])
  return [['what must be seen', 'bound', 'found', 'met'], ...rows]
}

interface Line {
  readonly what: string
  readonly of: (report: RunReport) => number | undefined
  /** Milliseconds: median and worst. Without it a count: of every round. */
  readonly time?: true
}

const lines: readonly Line[] = [
  { what: 'requests', of: ({ requests }) => requests },
  { what: 'reads failed', of: ({ reads }) => reads.failed },
  { what: 'changes failed', of: ({ changes }) => changes.failed },
  { what: 'reads: p50, ms', of: ({ reads }) => reads.p50, time: true },
  { what: 'reads: p99, ms', of: ({ reads }) => reads.p99, time: true },
  { what: 'reads during the fault: p99, ms', of: ({ readsDuring }) => readsDuring.p99, time: true },
  { what: 'reads: longest gap between successes, ms', of: ({ reads }) => reads.longestGap, time: true },
  { what: 'changes: p50, ms', of: ({ changes }) => changes.p50, time: true },
  { what: 'changes: p99, ms', of: ({ changes }) => changes.p99, time: true },
  { what: 'changes: longest gap between successes, ms', of: ({ changes }) => changes.longestGap, time: true },
  { what: 'from the mend to the first change, ms', of: ({ changesResumed }) => changesResumed, time: true },
  { what: 'from the mend to the last failure, ms', of: ({ failuresAfterMend }) => failuresAfterMend, time: true },
  { what: 'from the fault to the last failure, ms', of: ({ lastFailure }) => lastFailure ?? 0, time: true },
  { what: 'sessions lost', of: ({ lost }) => lost },
  { what: 'ended sessions brought back', of: ({ revived }) => revived },
  { what: 'answers that took somebody for signed out', of: ({ signedOut }) => signedOut },
  { what: "answers with another user's data", of: ({ foreign }) => foreign },
  { what: 'stale reads', of: ({ stale }) => stale },
  { what: 'acknowledged changes lost', of: ({ lostChanges }) => lostChanges },
  { what: 'changes nobody asked for', of: ({ unasked }) => unasked },
  { what: 'sessions that could not be checked', of: ({ unchecked }) => unchecked },
  { what: 'unsettled promises', of: ({ unsettled }) => unsettled },
  { what: 'unhandled rejections', of: ({ unhandled }) => unhandled },
  { what: 'warnings of too many listeners', of: ({ leaks }) => leaks },
  { what: 'the load itself held up, ms', of: ({ stall }) => stall, time: true },
]

function figuresTable(runs: FaultResult['runs']): Table {
  const systems = (Object.keys(names) as System[]).filter((system) => runs[system] !== undefined)
  const all = systems.map((system) => runs[system] ?? [])
  const rows = lines
    .filter(({ of }) => all.flat().some((one) => of(one) !== undefined))
    .map(({ what, of, time }) => [what].concat(all.map((reports) => cell(reports.map(of), time === true))))
  const counted = (pick: (report: RunReport) => Readonly<Record<string, number>>, words: (name: string) => string): string[][] => {
    const kinds = [...new Set(all.flat().flatMap((one) => Object.keys(pick(one))))].toSorted()
    return kinds.map((kind) => [words(kind)].concat(all.map((reports) => reports.map((one) => rounded(pick(one)[kind] ?? 0)).join(', '))))
  }
  return [
    ['', ...systems.map((system) => names[system])],
    ...rows,
    ...counted(
      ({ failures }) => failures,
      (name) => `failed with ${name}`,
    ),
    ...counted(
      ({ events }) => events,
      (name) => `events: ${name}`,
    ),
    ...counted(
      ({ facts }) => facts,
      (name) => name,
    ),
  ]
}

function cell(figures: readonly (number | undefined)[], isTime: boolean): string {
  if (!isTime || figures.length <= 1) return figures.map(rounded).join(', ')
  const worst = figures.some((figure) => figure === undefined) ? undefined : Math.max(...figures.map((figure) => figure!))
  return `${rounded(median(figures))} (worst ${rounded(worst)})`
}

function rounded(figure: number | undefined): string {
  if (figure === undefined || figure === Infinity) return 'never'
  return Number.isInteger(figure) ? String(figure) : figure.toFixed(figure < 10 ? 1 : 0)
}

function footing({ measuredAt, how, versions }: Results): string {
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const rounds = how.rounds === 1 ? 'One round' : `${how.rounds} rounds of Holdfast, one of what stands beside it`
  return [
    `Run on ${measuredAt} by \`${how.command}\` (${how.form} form) with ${used.join(', ')}, all servers and the load on one machine.`,
    `${rounds}: counts are given for each and hold in each; of times the median holds.`,
  ].join(' ')
}

function aligned([head = [], ...rows]: Table): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column]!.length)))
  const line = (row: readonly string[]): string => `| ${row.map((text, column) => text.padEnd(widths[column]!)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}
