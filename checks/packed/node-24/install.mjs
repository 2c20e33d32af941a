// Sees to Node 24, on which the packed packages are tested beside the Node that runs the tests. npm's package `node` finds the one
// for this system in an install script; naming that one needs no script.
import { npmCi } from '@holdfast/testbed/npm-folder'
import { findNode24, folder } from './program.mjs'

if (findNode24() === undefined) {
  console.log('The tests need Node 24: installing it with npm in checks/packed/node-24 (120 MB).')
  const obstacle = npmCi(folder)
  if (findNode24() === undefined) {
    console.error(`npm could not install it: ${obstacle ?? 'there is no build for this system.'}`)
    console.error('Please run "npm ci --ignore-scripts" in checks/packed/node-24, on Linux, or the tests on Node 24.')
    process.exit(1)
  }
}
