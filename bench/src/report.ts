import { frameworkNames, type Framework } from './candidates.ts'
import { memoryGoal } from './memory-per-session.ts'
import type { Results, Row } from './results.ts'

type Table = readonly (readonly string[])[]

const kindNames: Readonly<Record<string, string>> = { none: 'never asks', read: 'read', change: 'change' }

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
    '#### Processor time of the server, by request',
    markdown(serverTable(results)),
    '#### Memory of a session',
    markdown(memoryTable(results)),
    measurement(results),
    `Versions: ${versions.join(', ')}.`,
    '',
  ].join('\n\n')
}

function ratioTable({ ratios }: Results): Table {
  const names = [...new Set(ratios.map(({ frameworkName }) => frameworkName))]
  const whats = [...new Set(ratios.map(({ what }) => what))]
  const cell = (what: string, name: string): string => {
    const found = ratios.find((each) => each.what === what && each.frameworkName === name)
    return found === undefined || Number.isNaN(found.value) ? '' : `${found.value.toFixed(2)}${found.met ? '' : ' (missed)'}`
  }
  const row = (what: string): string[] => {
    const goal = ratios.find((each) => each.what === what)?.goal
    return [what, `≤ ${goal}`].concat(names.map((name) => cell(what, name)))
  }
  return [['server time, as a ratio', 'goal', ...names], ...whats.map(row)]
}

function serverTable({ series }: Results): Table {
  const head = ['server', 'request', 'µs', 'least to most', 'kernel', 'requests/s', 'Redis commands', 'lost changes']
  const ordered = Object.keys(frameworkNames).flatMap((framework) => series.filter((each) => each.framework === framework))
  return [head, ...ordered.map(serverRow)]
}

function serverRow({ framework, name, kind, cpu, requestsPerSecond, commandsPerRequest, lostChanges }: Row): string[] {
  return [
    `${frameworkNames[framework as Framework]}, ${name}`,
    kindNames[kind] ?? kind,
    cpu.median.toFixed(1),
    `${cpu.least.toFixed(1)} to ${cpu.most.toFixed(1)}`,
    cpu.kernel.toFixed(1),
    String(Math.round(requestsPerSecond)),
    commandsPerRequest.toFixed(2),
    lostChanges === undefined ? '' : String(lostChanges),
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
    'µs is the processor time that the operating system counted for the server (getrusage: user and system, all threads), over the requests that were answered; kernel is what of it went to sockets and to waking other processes.',
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
