import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

// Prints how many tests passed and failed, and what went wrong beside them; fails where there are no results, or where a test was left out.
const read = (name) => JSON.parse(readFileSync(join(process.argv[2], name), 'utf8'))
let results, unhandled
try {
  results = read('vitest.json')
  unhandled = read('unhandled-errors.json')
} catch {
  console.log('tests: no results, so the tests did not run to their end')
  process.exit(1)
}

const {
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: skipped,
  numTodoTests: todo,
  numFailedTestSuites,
  success,
} = results
const leftOut = skipped + todo
// By name, since this is the part of a long output that is read.
for (const { name, assertionResults } of results.testResults)
  for (const { status, fullName, failureMessages } of assertionResults)
    if (status === 'failed') console.log(`failed: ${fullName}\n  ${relative('', name)}\n  ${failureMessages[0]?.split('\n', 1)}`)
for (const { kind, message, frames, file, test } of unhandled)
  console.log(
    [
      `${kind}: ${message.split('\n', 1)}`,
      `${file ? relative('', file) : 'in no test file'}, ${test ?? 'in no test'}`,
      ...frames.slice(0, 5),
    ].join('\n  '),
  )
console.log(`tests passed: ${passed}`)
console.log(`tests failed: ${failed}${leftOut > 0 ? ` (left out: ${leftOut})` : ''}`)
if (!success && failed === 0) console.log(`a test file failed as a whole (${numFailedTestSuites} suites)`)
if (unhandled.length > 0) console.log(`errors beside the tests: ${unhandled.length}`)
process.exit(success && failed === 0 && leftOut === 0 && passed > 0 && unhandled.length === 0 ? 0 : 1)
