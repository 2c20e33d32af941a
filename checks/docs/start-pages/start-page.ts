import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

const start = join(import.meta.dirname, '../../../docs/start')

/** What a page has its reader do, in its order. */
export type Task =
  | { readonly section: string; readonly kind: 'command'; readonly text: string }
  /** Text to put into a file; `label` names the files that it is for, where several are told apart. */
  | { readonly section: string; readonly kind: 'sample'; readonly name: string; readonly text: string }
  /** A line of a numbered list. */
  | { readonly section: string; readonly kind: 'step'; readonly text: string }

/**
 * The tasks of a page for a reader who takes these tabs of its code groups.
 *
 * @throws Error for a group without such a tab, and for code that the page does not import.
 */
export function readStartPage(name: string, tabs: readonly string[]): Task[] {
  const lines = readFileSync(join(start, `${name}.md`), 'utf8').split('\n')
  const tasks: Task[] = []
  let section = ''
  let group: { readonly began: number; taken: number } | undefined
  const take = (label: string | undefined, task: () => Task): void => {
    if (group === undefined) tasks.push(task())
    else if (label?.split(', ').some((part) => tabs.includes(part)) === true) {
      group.taken += 1
      tasks.push(task())
    }
  }
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!
    const [, heading] = /^## (.*)/.exec(line) ?? []
    const [, step] = /^\d+\. (.*)/.exec(line) ?? []
    const [, source, region, sampleLabel] = /^<<< ([^#{]+)(?:#(\S+?))?\{\w+\}(?: \[(.*)\])?$/.exec(line) ?? []
    const [, language, fenceLabel] = /^```(\w+)(?: \[(.*)\])?$/.exec(line) ?? []
    if (heading !== undefined) section = heading
    else if (step !== undefined) tasks.push({ section, kind: 'step', text: step })
    else if (line === '::: code-group') group = { began: at, taken: 0 }
    else if (line === ':::') {
      if (group?.taken !== 1) throw new Error(`${name}.md:${at + 1}: the code group has ${group?.taken ?? 'no'} tabs for ${tabs.join()}`)
      group = undefined
    } else if (source !== undefined) {
      take(sampleLabel, () => ({ section, kind: 'sample', name: basename(source), text: textOf(join(start, source), region) }))
    } else if (language !== undefined) {
      const end = lines.indexOf('```', at)
      const text = lines.slice(at + 1, end).join('\n')
      if (language !== 'sh') throw new Error(`${name}.md:${at + 1}: ${language} is to be imported from a file`)
      take(fenceLabel, () => ({ section, kind: 'command', text }))
      at = end
    } else if (/^(```|<<<)/.test(line)) throw new Error(`${name}.md:${at + 1}: ${line} is not understood`)
  }
  return tasks
}

function textOf(file: string, region: string | undefined): string {
  const text = readFileSync(file, 'utf8')
  if (region === undefined) return text
  const [, inside] = new RegExp(`// #region ${region}\n([^]*?)\n *// #endregion ${region}\n`).exec(text) ?? []
  if (inside === undefined) throw new Error(`${basename(dirname(file))}/${basename(file)} has no region ${region}`)
  return inside
}
