import { notes, questions } from './questions.ts'
import type { Results, SubjectResults } from './results.ts'

/** For a terminal: each question, and who gave which answer. */
export function reportText(results: Results): string {
  const blocks = questions.map(({ asks, answer }) => {
    const byAnswer = new Map<string, string[]>()
    for (const { name, observed } of results.subjects) {
      const given = answer(observed)
      byAnswer.set(given, [...(byAnswer.get(given) ?? []), plain(name)])
    }
    const width = Math.max(...[...byAnswer.keys()].map((given) => given.length))
    return [asks, ...[...byAnswer].map(([given, names]) => `  ${given.padEnd(width)}  ${names.join('; ')}`)].join('\n')
  })
  return [...blocks, measurement(results), results.subjects.map((each) => plain(setupOf(each, results.node))).join('\n')].join('\n\n')
}

/** For the documentation: a table, and how it came about. */
export function reportMarkdown(results: Results): string {
  const { subjects } = results
  const rows = [
    ['What is tried', ...subjects.map(({ name }) => name)],
    ['---', ...subjects.map(() => '---')],
    ...questions.map(({ asks, answer }) => [asks].concat(subjects.map(({ observed }) => answer(observed)))),
  ]
  return [
    rows.map((row) => `| ${row.join(' | ')} |`).join('\n'),
    measurement(results),
    subjects.map((each) => `- ${setupOf(each, results.node)}`).join('\n'),
    '',
  ].join('\n\n')
}

function measurement({ measuredAt, command, node, redis }: Results): string {
  return [`Observed on ${measuredAt} by \`${command}\`, on Node ${node.slice(1)} and Redis ${redis}.`, ...notes].join(' ')
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
