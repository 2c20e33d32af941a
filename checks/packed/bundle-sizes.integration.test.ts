import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bundleSizes, type BundleSize } from './bundles.ts'
import { projectWithPackages } from './install.ts'

const table = join(import.meta.dirname, 'bundle-sizes.json')
// Named by the test, so that whoever sees it fail reads it.
const toAccept = 'npx vitest run checks/packed/bundle-sizes --update'

test(`what an application imports has the size of bundle-sizes.json, to 5 % or 300 bytes (to accept a change: ${toAccept})`, async () => {
  const project = projectWithPackages()
  try {
    const sizes = await bundleSizes(project)
    const known = existsSync(table) ? (JSON.parse(readFileSync(table, 'utf8')) as Record<string, BundleSize>) : {}
    // Sizes as near as this to what is known count as the same.
    const told = isNear(sizes, known) ? known : sizes
    await expect(`${JSON.stringify(told, undefined, 2)}\n`).toMatchFileSnapshot(table)
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}, 60_000)

function isNear(sizes: Readonly<Record<string, BundleSize>>, known: Readonly<Record<string, BundleSize>>): boolean {
  const names = Object.keys(sizes)
  return (
    names.join() === Object.keys(known).join() &&
    names.every((name) => (['minified', 'gzipped'] as const).every((kind) => isNearTo(known[name]![kind], sizes[name]![kind])))
  )
}

/** Within 5 %, or within 300 bytes for small entries where that is more. */
function isNearTo(known: number, size: number): boolean {
  return Math.abs(size - known) <= Math.max(300, known * 0.05)
}
