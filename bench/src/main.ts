// `npm run bench`: what a session costs, beside other libraries, in one run. See README.md.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { optionsFrom, usage, type Options } from './options.ts'
import { profile } from './profile.ts'
import { reportMarkdown, reportText } from './report.ts'
import { run } from './run.ts'

async function main(options: Options): Promise<void> {
  if (options.help) {
    console.log(usage)
    return
  }
  if (options.profile !== undefined) {
    console.log(await profile(options.profile, options.seconds))
    return
  }
  const results = await run(options, progress)
  progress('')
  console.log(options.json ? JSON.stringify(results, undefined, 2) : reportText(results))
  if (options.out === undefined) return
  mkdirSync(options.out, { recursive: true })
  writeFileSync(join(options.out, 'latest.json'), `${JSON.stringify(results, undefined, 2)}\n`)
  writeFileSync(join(options.out, 'latest.md'), reportMarkdown(results))
}

/** One line that is written over in a terminal; lines of their own elsewhere. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
  else if (text !== '') process.stderr.write(`${text}\n`)
}

try {
  await main(optionsFrom(process.argv.slice(2), join(import.meta.dirname, '../results')))
} catch (error) {
  progress('')
  console.error((error as Error).message)
  process.exitCode = 1
}
