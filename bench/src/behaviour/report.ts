import type { Results, SubjectResults } from './results.ts'
import { scenes, type Column, type Scene } from './scenes.ts'

/** For a terminal: what is tried, and who gave which answer. */
export function reportText(results: Results): string {
  const blocks = scenes.map(({ title, happens, columns }) =>
    [title, plain(happens), '', ...columns.map((column) => answers(column, results.subjects))].join('\n'),
  )
  return [...blocks, plain(measurement(results)), plain(setups(results))].join('\n\n')
}

/** For the documentation: tables, and how they came about. */
export function reportMarkdown(results: Results): string {
  const blocks = scenes.map((scene) => `### ${scene.title}\n\n${scene.happens}\n\n${table(scene, results.subjects)}`)
  return [...blocks, `### How it was observed`, measurement(results), `${setups(results)}\n`].join('\n\n')
}

function answers({ head, cell }: Column, subjects: readonly SubjectResults[]): string {
  const namesByAnswer = new Map<string, string[]>()
  for (const { name, observed } of subjects) {
    const answer = cell(observed)
    namesByAnswer.set(answer, [...(namesByAnswer.get(answer) ?? []), plain(name)])
  }
  const width = Math.max(...[...namesByAnswer.keys()].map((answer) => answer.length))
  return [head, ...[...namesByAnswer].map(([answer, names]) => `  ${answer.padEnd(width)}  ${names.join('; ')}`)].join('\n')
}

function table({ columns }: Scene, subjects: readonly SubjectResults[]): string {
  const rows = [
    ['library', ...columns.map(({ head }) => head)],
    ['---', ...columns.map(() => '---')],
    ...subjects.map(({ name, observed }) => [name].concat(columns.map(({ cell }) => cell(observed)))),
  ]
  return rows.map((row) => `| ${row.join(' | ')} |`).join('\n')
}

function measurement({ measuredAt, command, node, redis }: Results): string {
  return `On ${measuredAt} by \`${command}\`, on Node ${node.slice(1)} and Redis ${redis}. A dash: no store.`
}

function setups({ subjects, node }: Results): string {
  return subjects.map((each) => `- ${setupOf(each, node)}`).join('\n')
}

function setupOf({ name, packages, setup }: SubjectResults, ranOn: string): string {
  const versions = packages.map((each) => `${each.name} ${each.version}`).join(', ')
  const tooOld = packages.flatMap(({ name: each, node }) =>
    isNewer(node, ranOn) ? [`${each} asks for Node \`${node}\`, and ran on less.`] : [],
  )
  return [`**${name}**${versions === '' ? '' : ` (${versions})`}: ${setup}.`, ...tooOld].join(' ')
}

/** Whether `>=22.13` asks for more than `v20.20.2`. */
function isNewer(range = '', version: string): boolean {
  const least = /^>= *([\d.]+)/.exec(range)?.[1] ?? '0'
  return least.localeCompare(version.slice(1), 'en', { numeric: true }) > 0
}

function plain(markdown: string): string {
  return markdown.replaceAll(/\*\*|`/g, '')
}
