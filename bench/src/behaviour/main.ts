// `npm run behaviour -w @holdfast/bench`: what session libraries do when requests meet, and when their store fails.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startRedis } from '@holdfast/testbed'
import type { Observed } from './observed.ts'
import { observe } from './observe.ts'
import { reportMarkdown, reportText } from './report.ts'
import { resultsOf } from './results.ts'
import type { Subject } from './subject.ts'
import { subjects } from './subjects/all.ts'

const usage = `npm run behaviour -w @holdfast/bench -- [options]

  --json         prints the results as JSON
  --out folder   where behaviour.json and behaviour.md are written (default bench/results)`

async function main(): Promise<void> {
  const { json, out } = options()
  const redis = await startRedis()
  try {
    const all: (readonly [Subject, Observed])[] = []
    for (const [index, subject] of subjects.entries()) {
      process.stderr.write(`${index + 1} of ${subjects.length}: ${subject.name}\n`)
      all.push([subject, await observe(subject, redis)])
    }
    const results = resultsOf(all, String(await redis.command('INFO', 'server')))
    console.log(json ? JSON.stringify(results, undefined, 2) : `\n${reportText(results)}`)
    mkdirSync(out, { recursive: true })
    writeFileSync(join(out, 'behaviour.json'), `${JSON.stringify(results, undefined, 2)}\n`)
    writeFileSync(join(out, 'behaviour.md'), reportMarkdown(results))
  } finally {
    await redis.close()
  }
}

function options() {
  try {
    const { json, out } = parseArgs({ options: { json: { type: 'boolean', default: false }, out: { type: 'string' } } }).values
    return { json, out: out ?? join(import.meta.dirname, '../../results') }
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${usage}`, { cause: error })
  }
}

try {
  await main()
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
