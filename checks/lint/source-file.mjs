import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const manifests = new Map()

/** A package's package.json; `packages` is the folder of all packages. */
export function manifestOf(packages, name) {
  const path = join(packages, name, 'package.json')
  if (!manifests.has(path)) manifests.set(path, JSON.parse(readFileSync(path, 'utf8')))
  return manifests.get(path)
}

/**
 * Where a file stands: `/…/packages/core/src/stores/redis/redis-store.ts` is the file `stores/redis/redis-store.ts` of
 * the package `core`. Undefined for what is in no package's `src`.
 */
export function placeOf(path) {
  const [, packages, name, file] = /^(.*\/packages)\/([^/]+)\/src\/(.+)$/.exec(path.replaceAll('\\', '/')) ?? []
  if (packages === undefined) return undefined
  return { packages, package: name, file, isTest: file.endsWith('.test.ts'), isEntry: entriesOf(packages, name).includes(`./src/${file}`) }
}

function entriesOf(packages, name) {
  return Object.values(manifestOf(packages, name).exports ?? {}).map((target) => target['@holdfast/source'] ?? target)
}
