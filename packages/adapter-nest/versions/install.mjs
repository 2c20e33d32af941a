// Sees to the versions of Nest that the adapter is tested on beside the project's own.
import { readdirSync } from 'node:fs'
import { isInstalled, npmCi } from '@holdfast/testbed/npm-folder'

for (const name of readdirSync(import.meta.dirname).filter((entry) => entry.startsWith('nest-'))) {
  const folder = `${import.meta.dirname}/${name}`
  if (isInstalled(folder)) continue
  console.log(
    `The tests need Nest ${name.slice('nest-'.length)}: installing it with npm in packages/adapter-nest/versions/${name} (40 MB).`,
  )
  const obstacle = npmCi(folder)
  if (obstacle === undefined) continue
  console.error(`npm could not install it:\n${obstacle}`)
  console.error(`Please run "npm ci --ignore-scripts" in packages/adapter-nest/versions/${name}, and run the tests again.`)
  process.exit(1)
}
