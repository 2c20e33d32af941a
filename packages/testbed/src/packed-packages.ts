import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packages = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Puts packages of this project into a folder's `node_modules`, as npm would install them once they are published. Asks no registry.
 *
 * @throws Error where one has not been built.
 * @example
 * installPacked(folder, ['core', 'adapter-hono'])
 */
export function installPacked(folder: string, names: readonly string[]): void {
  const sources = names.map((name) => join(packages, name))
  const unbuilt = sources.find((source) => !existsSync(join(source, 'dist')))
  if (unbuilt !== undefined) throw new Error(`${unbuilt} is not built: run "npm run build" first.`)

  const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder, ...sources]
  const tarballs = execFileSync('npm', args, { cwd: packages, encoding: 'utf8', timeout: 120_000 }).trim().split('\n')
  for (const [index, name] of names.entries()) {
    const tarball = join(folder, tarballs[index]!)
    const target = join(folder, 'node_modules', '@holdfast', name)
    mkdirSync(target, { recursive: true })
    execFileSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1'], { timeout: 60_000 })
    rmSync(tarball)
  }
}
