import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A folder in which our packages are installed as npm would publish them, with the files of `runtimes/` beside them. */
export interface PackedFolder {
  readonly path: string
  remove(): Promise<void>
}

const packages = fileURLToPath(new URL('../../', import.meta.url))

/** Packs what `npm run build` has built; asks no registry. */
export async function packedFolder(): Promise<PackedFolder> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-packed-'))
  for (const name of ['core', 'adapter-hono']) {
    const installed = join(path, 'node_modules', '@holdfast', name)
    await mkdir(installed, { recursive: true })
    run('npm', ['pack', '--ignore-scripts', '--pack-destination', installed], join(packages, name))
    const [tarball = ''] = await readdir(installed)
    run('tar', ['-xzf', tarball, '--strip-components=1'], installed)
    if (!(await readdir(installed)).includes('dist')) throw new Error(`@holdfast/${name} has not been built: run "npm run build".`)
  }
  const [hono = ''] = createRequire(import.meta.url)
    .resolve('hono')
    .split(`${sep}dist${sep}`)
  await symlink(hono, join(path, 'node_modules', 'hono'), 'dir')
  await writeFile(join(path, 'package.json'), '{ "type": "module" }')
  const files = join(packages, 'adapter-hono', 'runtimes')
  for (const file of await readdir(files)) if (/^(?:shop|on-.*)\.mjs$|\.capnp$/.test(file)) await cp(join(files, file), join(path, file))
  return { path, remove: async () => rm(path, { recursive: true, force: true }) }
}

function run(command: string, args: string[], cwd: string): void {
  const { status, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 60_000 })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`)
}
