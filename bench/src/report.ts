import { frameworkNames, type Framework } from './candidates.ts'
import { memoryGoal } from './memory-per-session.ts'
import { kinds } from './measure.ts'
import type { Ratio } from './ratios.ts'
import type { Results, Row } from './results.ts'

type Table = readonly (readonly string[])[]

/** For a terminal. */
export function reportText(results: Results): string {
  return [aligned(ratioTable(results)), aligned(serverTable(results)), aligned(memoryTable(results)), measurement(results)].join('\n\n')
}

/** For the documentation. */
export function reportMarkdown(results: Results): string {
  const versions = Object.entries(results.versions).map(([name, version]) => `${name} ${version}`)
  return [
    '#### Ratios',
    markdown(ratioTable(results)),
    '#### Microseconds of the server, by request',
    markdown(serverTable(results)),
    '#### Memory of a session',
    markdown(memoryTable(results)),
    measurement(results),
    `Versions: ${versions.join(', ')}.`,
    '',
  ].join('\n\n')
}

/** A row a framework, a column a goal. */
function ratioTable({ ratios }: Results): Table {
  const names = [...new Set(ratios.map(({ frameworkName }) => frameworkName))]
  const whats = [...new Set(ratios.map(({ what }) => what))]
  const found = (name: string, what: string) => ratios.find((each) => each.frameworkName === name && each.what === what)
  const goalOf = (what: string): string => `${what}: ≤ ${ratios.find((each) => each.what === what)?.goal}`
  const cell = (ratio: Ratio | undefined): string =>
    ratio === undefined || Number.isNaN(ratio.value) ? '' : `${ratio.value.toFixed(2)}${ratio.met ? '' : ' (missed)'}`
  const row = (name: string): string[] => [name].concat(whats.map((what) => cell(found(name, what))))
  return [['server time, as a ratio', ...whats.map(goalOf)], ...names.map(row)]
}

/** A row a server, a column a kind of request. */
function serverTable({ series }: Results): Table {
  const head = ['server', 'never asks', 'read', 'change', 'Redis commands for each', 'lost changes']
  const servers = Object.keys(frameworkNames).flatMap((framework) => {
    const names = [...new Set(series.filter((each) => each.framework === framework).map(({ name }) => name))]
    return names.map((name) => series.filter((each) => each.framework === framework && each.name === name))
  })
  return [head, ...servers.map(serverRow)]
}

function serverRow(rows: readonly Row[]): string[] {
  const [{ framework, name }] = rows as [Row]
  const inOrder = kinds.map((kind) => rows.find((each) => each.kind === kind))
  return [
    `${frameworkNames[framework as Framework]}, ${name}`,
    ...inOrder.map((row) => row?.cpu.median.toFixed(1) ?? ''),
    inOrder.map((row) => row?.commandsPerRequest.toFixed(2) ?? '').join(', '),
    String(rows.find(({ lostChanges }) => lostChanges !== undefined)?.lostChanges ?? ''),
  ]
}

function memoryTable({ bytesPerSession, how }: Results): Table {
  return [
    [`memory store, session of ${how.sessionBytes} bytes`, 'bytes a session', 'goal'],
    ...Object.entries(bytesPerSession).map(([library, bytes]) => [
      library,
      String(Math.round(bytes)),
      library === 'Holdfast' ? `≤ ${memoryGoal}${bytes <= memoryGoal ? '' : ' (missed)'}` : '',
    ]),
  ]
}

function measurement({ how, measuredAt }: Results): string {
  const where = how.pinned
    ? 'the server alone on one core, the load generator and Redis on another'
    : 'with nothing pinned to a core, since this machine has no taskset or no second core'
  return [
    `Measured on ${measuredAt} by \`${how.command}\`: ${where}; Node ${how.node}, ${how.processor}.`,
    `${how.connections} connections, ${how.sessions} sessions of ${how.sessionBytes} bytes.`,
    "A microsecond here is one of processor time that the operating system counted for the server (getrusage: user and system, all threads), over the requests that were answered. The JSON beside this has the least and the most of the rounds, what of it was the kernel's, and the requests a second.",
    `Each figure is the median of ${how.rounds} slices of ${how.seconds} s, taken in turn after one that warms up.`,
    how['repeated'] === 0 ? 'No request failed.' : `${how['repeated']} slices were measured again, since requests had failed in them.`,
    'Redis commands are counted by Redis itself; a lost change was acknowledged and is not there afterwards.',
  ].join(' ')
}

function aligned(table: Table): string {
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? []
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  const [head = [], ...rows] = table
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}

function markdown([head = [], ...rows]: Table): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}
