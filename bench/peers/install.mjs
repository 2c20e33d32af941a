// Sees to the session libraries that Holdfast is measured beside.
import { isInstalled, npmCi } from '@holdfast/testbed/npm-folder'

const folder = import.meta.dirname
if (!isInstalled(folder)) {
  console.log('The measurements need other session libraries: installing them with npm in bench/peers (50 MB).')
  const obstacle = npmCi(folder)
  if (obstacle !== undefined) {
    console.error(`npm could not install them:\n${obstacle}`)
    console.error('Please run "npm ci --ignore-scripts" in bench/peers, or measure without them: npm run bench -- --no-peers')
    process.exit(1)
  }
}
