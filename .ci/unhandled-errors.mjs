import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * A vitest reporter for what went wrong beside the tests: rejections nobody handled, workers that ended. One of them fails the run,
 * and vitest's JSON reporter leaves them out.
 */
export default class UnhandledErrors {
  /** @param {{ outputFile: string }} options */
  constructor({ outputFile }) {
    this.outputFile = outputFile
  }

  onTestRunEnd(_modules, errors) {
    const entries = errors.map(({ name, message, stack, type, VITEST_TEST_PATH: file, VITEST_TEST_NAME: test }) => ({
      kind: type ?? 'Unhandled error',
      // What is thrown need not be an Error.
      message: name === undefined ? String(message) : `${name}: ${message}`,
      frames: stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [],
      file,
      test,
    }))
    mkdirSync(dirname(this.outputFile), { recursive: true })
    writeFileSync(this.outputFile, `${JSON.stringify(entries, undefined, 2)}\n`)
  }
}
