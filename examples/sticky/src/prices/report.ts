import type { SignOuts } from './sign-outs.ts'
import type { Trips } from './trips.ts'

export function tripTable(all: readonly Trips[]): string {
  const head = ['store calls that a request waits for', 'read', 'change', 'sign-in', 'sign-out', 'behind the answers of ten changes']
  return table(
    head,
    all.map(({ arrangement, read, change, signIn, signOut, behindTenChanges }) => [
      arrangement,
      ...[read, change, signIn, signOut, behindTenChanges].map(String),
    ]),
  )
}

export function signOutTable(all: readonly SignOuts[]): string {
  const head = ['the last request that found it live, after a sign-out on another node', 'median', 'latest', 'promised', 'sign-outs']
  return table(
    head,
    all.map(({ arrangement, median, longest, within, rounds }) => [
      arrangement,
      milliseconds(median),
      milliseconds(longest),
      within === 0 ? 'none' : `none after ${within.toLocaleString('en-US')} ms`,
      String(rounds),
    ]),
  )
}

const milliseconds = (time: number): string =>
  time === 0 ? 'none' : time < 10 ? `${time.toFixed(1)} ms` : `${Math.round(time).toLocaleString('en-US')} ms`

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  return line(head) + line(head.map((_, column) => (column === 0 ? '---' : '---:'))) + rows.map(line).join('')
}
