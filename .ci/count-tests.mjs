import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

// Prints how many tests passed and failed; fails where there are no results, or where a test was left out.
const path = process.argv[2]
let results
try {
  results = JSON.parse(readFileSync(path, 'utf8'))
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
console.log(`tests passed: ${passed}`)
console.log(`tests failed: ${failed}${leftOut > 0 ? ` (left out: ${leftOut})` : ''}`)
if (!success && failed === 0)
  console.log(`a test file failed as a whole (${numFailedTestSuites} suites), or something else went wrong beside the tests`)
process.exit(success && failed === 0 && leftOut === 0 && passed > 0 ? 0 : 1)
