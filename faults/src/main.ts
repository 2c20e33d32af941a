// `npm run faults`: what sessions go through when servers fail. See README.md.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { faults } from './faults/all.ts'
import { optionsFrom, usage, type Options } from './options.ts'
import { digest, report } from './report.ts'
import { allMet } from './results.ts'
import { run } from './run.ts'

async function main(options: Options): Promise<void> {
  if (options.help) {
    console.log(usage)
    return
  }
  const results = await run(options, (text) => void process.stderr.write(`${text}\n`))
  console.log(options.json ? JSON.stringify(results, undefined, 2) : report(results))
  if (!allMet(results)) process.exitCode = 1
  if (options.out === undefined) return
  mkdirSync(options.out, { recursive: true })
  writeFileSync(join(options.out, 'latest.json'), `${JSON.stringify(results, undefined, 2)}\n`)
  writeFileSync(join(options.out, 'latest.md'), report(results))
  writeFileSync(join(options.out, 'digest.md'), digest(results))
}

try {
  await main(optionsFrom(process.argv.slice(2), faults, join(import.meta.dirname, '../results')))
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
