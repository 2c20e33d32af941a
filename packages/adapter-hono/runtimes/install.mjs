// Sees to the JavaScript runtimes that the adapter is tested on. Their install scripts are not run: each platform's
// package holds the program itself.
import { npmCi } from '@holdfast/testbed/npm-folder'
import { findRuntime, folder, runtimes } from './programs.mjs'

if (findMissing().length > 0) {
  console.log('The tests need Bun, Deno and workerd: installing them with npm in packages/adapter-hono/runtimes (350 MB).')
  const obstacle = npmCi(folder)
  const missing = findMissing()
  if (missing.length > 0) {
    console.error(
      `The tests need ${missing.join(' and ')}, which npm could not install: ${obstacle ?? 'there is no build for this system.'}`,
    )
    console.error(
      'Please run "npm ci --ignore-scripts" in packages/adapter-hono/runtimes, on Linux with glibc or macOS, and run the tests again.',
    )
    process.exit(1)
  }
}

function findMissing() {
  return Object.keys(runtimes).filter((name) => findRuntime(name) === undefined)
}
